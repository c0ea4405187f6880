import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letters.ts';

interface OperatorAlarmsProps {
  readonly prefix: string;
  readonly email: string | undefined;
  readonly deadLetters: readonly DeadLetterQueue[];
  readonly stateMachine: IStateMachine;
}

interface WatchedMetric {
  /** The alarm's name after the prefix of all names, and the heading of its entry in infra/runbook.md. */
  readonly name: string;
  readonly meaning: string;
  readonly metric: IMetric;
  /** From so many on. */
  readonly threshold: number;
  /** Where in the AWS console the cause is to be found, after the region's host. */
  readonly console: string;
}

/** What operators are called for; each alarm has an entry in infra/runbook.md. */
export class OperatorAlarms extends Construct {
  readonly #topic: Topic;
  readonly #prefix: string;

  constructor(scope: Construct, id: string, props: OperatorAlarmsProps) {
    super(scope, id);
    const { prefix, email, deadLetters, stateMachine } = props;
    this.#prefix = prefix;
    this.#topic = new Topic(this, 'Topic', { topicName: `${prefix}-export-alarms`, enforceSSL: true });
    // A policy of one's own, which refuses what is not TLS, takes the place of the one that lets the account's alarms in.
    this.#topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    if (email !== undefined) this.#tell(email);
    for (const queue of deadLetters) {
      this.#watch(waitingIn(queue, 'A function that nobody waits for could not deal with an event.'));
    }
    const { stateMachineArn } = stateMachine;
    const executions = `states/home#/statemachines/view/${stateMachineArn}`;
    this.#watch({
      name: 'executions-timed-out',
      meaning: 'An export ran for 20 hours and did not come to an end.',
      metric: stateMachine.metricTimedOut({ period: Duration.minutes(5) }),
      threshold: 1,
      console: executions,
    });
    this.#watch({
      name: 'executions-failed',
      meaning: 'Three exports failed within an hour.',
      metric: stateMachine.metricFailed({ period: Duration.hours(1) }),
      threshold: 3,
      console: executions,
    });
  }

  #tell(email: string): void {
    const deadLetterQueue = new DeadLetterQueue(this, 'DeadLetters', {
      prefix: this.#prefix,
      name: 'alarm-mails',
    });
    this.#topic.addSubscription(new EmailSubscription(email, { deadLetterQueue }));
    this.#watch(waitingIn(deadLetterQueue, 'An alarm could not be told by e-mail.'));
  }

  #watch({ name, meaning, metric, threshold, console }: WatchedMetric): void {
    const { region } = Stack.of(this);
    const alarm = new Alarm(this, name, {
      alarmName: `${this.#prefix}-${name}`,
      alarmDescription: [
        meaning,
        `What to do: infra/runbook.md#${name}`,
        `Where to look: https://${region}.console.aws.amazon.com/${console}`,
      ].join('\n'),
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
  }
}

const waitingIn = (queue: DeadLetterQueue, meaning: string): WatchedMetric => ({
  name: queue.shortName,
  meaning,
  metric: queue.metricApproximateNumberOfMessagesVisible({
    period: Duration.minutes(1),
    statistic: 'Maximum',
  }),
  threshold: 1,
  console: `sqs/v3/home#/queues/${queue.queueUrl}`,
});
