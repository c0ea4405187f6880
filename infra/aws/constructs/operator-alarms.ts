import { Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { waitingIn, watchedMetrics, type WatchedMetric } from '../watched-metrics.ts';
import type { WatchedService } from '../watched-service.ts';
import { DeadLetterQueue } from './dead-letters.ts';

interface OperatorAlarmsProps {
  readonly service: WatchedService;
  readonly email: string | undefined;
}

/** When an alarm goes off. What must happen all the time and is not heard of does not happen. */
const condition = (limit: WatchedMetric['limit']) =>
  'below' in limit
    ? {
        threshold: limit.below,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.BREACHING,
      }
    : {
        threshold: limit.from,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      };

/** What operators are called for; each alarm has an entry in infra/runbook.md. */
export class OperatorAlarms extends Construct {
  /** Alarms that could not be told. */
  readonly deadLetters: DeadLetterQueue[] = [];
  readonly #topic: Topic;
  readonly #prefix: string;

  constructor(scope: Construct, id: string, { service, email }: OperatorAlarmsProps) {
    super(scope, id);
    this.#prefix = service.prefix;
    const topicName = `${service.prefix}-export-alarms`;
    this.#topic = new Topic(this, 'Topic', { topicName, enforceSSL: true });
    // A policy of one's own, which refuses what is not TLS, takes the place of the one that lets the account's alarms in.
    this.#topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    if (email !== undefined) this.#tell(email);
    for (const metric of watchedMetrics(service)) this.#watch(metric);
  }

  #tell(email: string): void {
    const deadLetterQueue = new DeadLetterQueue(this, 'DeadLetters', {
      prefix: this.#prefix,
      name: 'alarm-mails',
    });
    this.deadLetters.push(deadLetterQueue);
    this.#topic.addSubscription(new EmailSubscription(email, { deadLetterQueue }));
    this.#watch(waitingIn(deadLetterQueue, 'An alarm could not be told by e-mail.'));
  }

  #watch({ name, meaning, metric, limit, console }: WatchedMetric): void {
    const { region } = Stack.of(this);
    const alarm = new Alarm(this, name, {
      alarmName: `${this.#prefix}-${name}`,
      alarmDescription: [
        meaning,
        `What to do: infra/runbook.md#${name}`,
        `Where to look: https://${region}.console.aws.amazon.com/${console}`,
      ].join('\n'),
      metric,
      evaluationPeriods: 1,
      ...condition(limit),
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
  }
}
