import { describe, expect, it } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { readFileSync } from 'node:fs';
import { API_FUNCTIONS, SCHEDULED_FUNCTIONS } from '../../../../shared/lambda/functions.ts';
import { exportTemplate, resolved, resourcesOf } from '../../../support/export-template.ts';

const template = exportTemplate();
const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(({ properties }) => properties);
const queues = resourcesOf(template, 'AWS::SQS::Queue');
const PREFIX = 'housef3-example-';

const runbook = readFileSync(new URL('../../../../infra/runbook.md', import.meta.url), 'utf8');
const [, ...entries] = runbook.split(/^## /m);
const headings = entries.map((entry) => entry.slice(0, entry.indexOf('\n')));
const shortNameOf = (alarm: Readonly<Record<string, unknown>>): string =>
  String(alarm['AlarmName']).slice(PREFIX.length);

const functionIds = new Map(
  resourcesOf(template, 'AWS::Lambda::Function').map(({ id, properties }) => [
    String(properties['FunctionName']).slice(PREFIX.length),
    id,
  ]),
);

const alarmNamed = (name: string) => alarms.find((alarm) => shortNameOf(alarm) === name) ?? {};

interface MetricQuery {
  readonly MetricStat?: {
    readonly Metric: {
      readonly MetricName: string;
      readonly Dimensions: readonly { readonly Value: { readonly Ref: string } }[];
    };
  };
}

/** The ids of the functions of which an alarm sums up this metric. */
const functionsOf = (alarm: Readonly<Record<string, unknown>>, metricName: string): string[] =>
  ((alarm['Metrics'] ?? []) as MetricQuery[]).flatMap(({ MetricStat }) =>
    MetricStat?.Metric.MetricName === metricName ? [MetricStat.Metric.Dimensions[0]?.Value.Ref ?? ''] : [],
  );

const [METRICS_ENVIRONMENT] = resourcesOf(template, 'AWS::Lambda::Function').flatMap(({ properties }) => {
  const { Variables } = properties['Environment'] as { Variables: Record<string, unknown> };
  return Variables['METRICS_ENVIRONMENT'] ?? [];
});

const queueArns = queues.map(({ id }) => resolved({ 'Fn::GetAtt': [id, 'Arn'] }));
const asyncDestinations = resourcesOf(template, 'AWS::Lambda::EventInvokeConfig').map(({ properties }) => ({
  lambda: resolved(properties['FunctionName']),
  queue: resolved(
    (properties['DestinationConfig'] as { OnFailure: { Destination: unknown } }).OnFailure.Destination,
  ),
}));

describe('every alarm', () => {
  it('has its entry in the runbook, and every entry its alarm', () => {
    expect(headings.toSorted()).toEqual(alarms.map(shortNameOf).sort());
  });

  it.each(headings)('tells of %s what it means, whom it hurts, where to look and what to do', (heading) => {
    const entry = entries.find((text) => text.startsWith(`${heading}\n`));
    for (const part of ['Meaning', 'User impact', 'Where to look', 'What to do']) {
      expect(entry).toContain(`- **${part}.**`);
    }
  });

  it('links to its entry and to the console, and tells operators', () => {
    const [topic] = resourcesOf(template, 'AWS::SNS::Topic');
    for (const alarm of alarms) {
      const description = resolved(alarm['AlarmDescription']);
      expect(description).toContain(`infra/runbook.md#${shortNameOf(alarm)}\n`);
      expect(description).toContain('https://eu-central-1.console.aws.amazon.com/');
      expect(alarm).toMatchObject({ AlarmActions: [{ Ref: topic?.id }] });
    }
  });

  it('goes off at what happens, not at silence, but for the sweeper, whose silence it is', () => {
    for (const alarm of alarms) {
      const isSilence = shortNameOf(alarm) === 'sweeper-not-running';
      expect(alarm).toMatchObject({
        TreatMissingData: isSilence ? 'breaching' : 'notBreaching',
        ComparisonOperator: isSilence ? 'LessThanThreshold' : 'GreaterThanOrEqualToThreshold',
      });
    }
  });

  it('finds no sweep in as long as there should be three', () => {
    expect(alarmNamed('sweeper-not-running')).toMatchObject({
      ...{ Namespace: 'AWS/Lambda', MetricName: 'Invocations', Statistic: 'Sum', Threshold: 1 },
      Period: 3 * 60 * SCHEDULED_FUNCTIONS['sweep-exports'].schedule.everyMinutes,
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: functionIds.get('sweep-exports') } }],
    });
  });

  it.each([
    ['stuck-exports', 'StuckExports'],
    ['events-not-published', 'EventsNotPublished'],
  ])('%s watches the metric of this deployment as the functions write it', (name, MetricName) => {
    expect(alarmNamed(name)).toMatchObject({
      ...{ Namespace: 'HouseholdDataExport', MetricName, Statistic: 'Sum' },
      Dimensions: [
        { Name: 'environment', Value: METRICS_ENVIRONMENT },
        { Name: 'service', Value: 'household-data-export' },
      ],
    });
  });

  it('watches the errors of every function', () => {
    const watched = alarms.flatMap((alarm) => functionsOf(alarm, 'Errors'));
    expect(watched.sort()).toEqual([...functionIds.values()].sort());
  });

  it('watches the throttles of every function that somebody waits for', () => {
    const names = [...Object.keys(API_FUNCTIONS), ...Object.keys(SCHEDULED_FUNCTIONS)];
    const waitedFor = [...names, 'begin-export', 'complete-export', 'fail-export'];
    expect(functionsOf(alarmNamed('functions-throttled'), 'Throttles').sort()).toEqual(
      waitedFor.map((name) => functionIds.get(name)).sort(),
    );
  });

  it('sums up no more metrics than CloudWatch lets an alarm have', () => {
    const numbers = alarms.map(({ Metrics = [] }) => (Metrics as unknown[]).length - 1);
    expect(Math.max(...numbers)).toBeLessThanOrEqual(10);
  });

  it('hears of the API’s own errors', () => {
    const [api] = resourcesOf(template, 'AWS::ApiGatewayV2::Api');
    expect(alarmNamed('api-5xx')).toMatchObject({
      ...{ Namespace: 'AWS/ApiGateway', MetricName: '5xx', Statistic: 'Sum' },
      Dimensions: [{ Name: 'ApiId', Value: { Ref: api?.id } }],
    });
  });

  it('may publish to the topic of operators, over TLS alone', () => {
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
  });

  it('comes by e-mail where an address was given', () => {
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'operators@example.com',
    });
  });
});

describe('what cannot be delivered or dealt with', () => {
  it('is kept for 14 days, encrypted, and taken by TLS alone', () => {
    expect(queues).toHaveLength(3);
    for (const { properties } of queues) {
      expect(properties).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 });
    }
    const policies = JSON.stringify(resourcesOf(template, 'AWS::SQS::QueuePolicy'));
    expect(policies.match(/"aws:SecureTransport":"false"/g)).toHaveLength(3);
  });

  it('goes to the queue of alarms, if it is an alarm that no mailbox takes', () => {
    const [subscription] = resourcesOf(template, 'AWS::SNS::Subscription');
    const { deadLetterTargetArn } = subscription?.properties['RedrivePolicy'] as Record<string, unknown>;
    expect(resolved(deadLetterTargetArn)).toBe(queueArns.find((arn) => arn.startsWith('Alarms')));
  });

  it('goes to one queue, whether its function was never invoked or failed', () => {
    const [rule] = resourcesOf(template, 'AWS::Events::Rule');
    const [{ Arn, DeadLetterConfig }] = rule?.properties['Targets'] as [
      { Arn: unknown; DeadLetterConfig: { Arn: unknown } },
    ];
    const [schedule] = resourcesOf(template, 'AWS::Scheduler::Schedule');
    const target = schedule?.properties['Target'] as { Arn: unknown; DeadLetterConfig: { Arn: unknown } };
    const undelivered = [
      { lambda: resolved(Arn), queue: resolved(DeadLetterConfig.Arn) },
      { lambda: resolved(target.Arn), queue: resolved(target.DeadLetterConfig.Arn) },
    ].map(({ lambda, queue }) => ({ lambda: lambda.replace('.Arn', ''), queue }));
    expect(new Set(asyncDestinations)).toEqual(new Set(undelivered));
    expect(asyncDestinations.map(({ queue }) => queue).sort()).toEqual(
      queueArns.filter((arn) => !arn.startsWith('Alarms')).sort(),
    );
  });

  it('raises an alarm with the first message', () => {
    const watched = alarms
      .filter(({ MetricName }) => MetricName === 'ApproximateNumberOfMessagesVisible')
      .map(({ Threshold, Statistic, Dimensions }) => ({ Threshold, Statistic, Dimensions }));
    expect(new Set(watched)).toEqual(
      new Set(
        queues.map(({ id }) => ({
          Threshold: 1,
          Statistic: 'Maximum',
          Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [id, 'QueueName'] } }],
        })),
      ),
    );
  });
});
