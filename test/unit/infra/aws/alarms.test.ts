import { describe, expect, it } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { readFileSync } from 'node:fs';
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
      expect(alarm).toMatchObject({
        AlarmActions: [{ Ref: topic?.id }],
        TreatMissingData: 'notBreaching',
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      });
    }
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
