import { Duration } from 'aws-cdk-lib';
import { MathExpression, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { FunctionName } from '../../shared/lambda/functions.ts';
import type { DeadLetterQueue } from './constructs/dead-letters.ts';
import { dashboardName } from './constructs/export-dashboard.ts';
import { exportMetric, FUNCTION_GROUPS, lambdasOf, type WatchedService } from './watched-service.ts';

/** A metric that operators are called for. */
export interface WatchedMetric {
  /** The alarm's name after the prefix of all names, and the heading of its entry in infra/runbook.md. */
  readonly name: string;
  readonly meaning: string;
  readonly metric: IMetric;
  /** From so many on; or below so many, none at all included. */
  readonly limit: { readonly from: number } | { readonly below: number };
  /** Where in the AWS console the cause is to be found, after the region's host. */
  readonly console: string;
}

const dashboardOf = (service: WatchedService): string =>
  `cloudwatch/home#dashboards/dashboard/${dashboardName(service)}`;

/** An alarm can take ten metrics at the most (CloudWatch, "Alarms based on metric math"). */
const sumOf = (metrics: readonly IMetric[], period: Duration): MathExpression =>
  new MathExpression({
    // Of metrics that have no value just now, as errors mostly have none, SUM takes the others.
    expression: `SUM([${metrics.map((_, at) => `m${at}`).join(', ')}])`,
    usingMetrics: Object.fromEntries(metrics.map((metric, at) => [`m${at}`, metric])),
    period,
  });

/** Letters that wait for a person. */
export const waitingIn = (queue: DeadLetterQueue, meaning: string): WatchedMetric => ({
  name: queue.shortName,
  meaning,
  metric: queue.metricApproximateNumberOfMessagesVisible({
    period: Duration.minutes(1),
    statistic: 'Maximum',
  }),
  limit: { from: 1 },
  console: `sqs/v3/home#/queues/${queue.queueUrl}`,
});

const executionMetrics = ({ stateMachine }: WatchedService): WatchedMetric[] => {
  const console = `states/home#/statemachines/view/${stateMachine.stateMachineArn}`;
  return [
    {
      name: 'executions-timed-out',
      meaning: 'An export ran for 20 hours and did not come to an end.',
      metric: stateMachine.metricTimedOut({ period: Duration.minutes(5) }),
      limit: { from: 1 },
      console,
    },
    {
      name: 'executions-failed',
      meaning: 'Three exports failed within an hour.',
      metric: stateMachine.metricFailed({ period: Duration.hours(1) }),
      limit: { from: 3 },
      console,
    },
  ];
};

const sweeperMetrics = (service: WatchedService): WatchedMetric[] => {
  const period = Duration.minutes(15);
  const sweeper = lambdasOf(service, ['sweep-exports']);
  return [
    {
      name: 'stuck-exports',
      meaning: 'The sweeper had to start or to fail an export that nothing else would have.',
      metric: exportMetric(service, 'StuckExports', { period }),
      limit: { from: 1 },
      console: dashboardOf(service),
    },
    {
      name: 'events-not-published',
      meaning: 'Events of exports were held back again and again.',
      metric: exportMetric(service, 'EventsNotPublished', { period }),
      // A try that failed, and the sweeper that finds it and makes up for it, are two.
      limit: { from: 3 },
      console: dashboardOf(service),
    },
    ...sweeper.map(([name, lambda]) => ({
      name: 'sweeper-not-running',
      meaning: 'Nobody has looked after unfinished exports for 15 minutes.',
      metric: lambda.metricInvocations({ period }),
      limit: { below: 1 },
      console: `lambda/home#/functions/${service.prefix}-${name}?tab=monitoring`,
    })),
  ];
};

interface ErrorsOf {
  readonly names: readonly FunctionName[];
  readonly name: string;
  readonly meaning: string;
  readonly from: number;
  readonly minutes: number;
}

const functionErrors = (
  service: WatchedService,
  { names, name, meaning, from, minutes }: ErrorsOf,
): WatchedMetric => {
  const period = Duration.minutes(minutes);
  const errors = lambdasOf(service, names).map(([, lambda]) => lambda.metricErrors({ period }));
  return { name, meaning, metric: sumOf(errors, period), limit: { from }, console: dashboardOf(service) };
};

const functionMetrics = (service: WatchedService): WatchedMetric[] => {
  const { api, collecting, packaging, ending } = FUNCTION_GROUPS;
  const period = Duration.minutes(5);
  // Where all the account's concurrency is used up these are refused as the others are, and for these somebody waits.
  const waitedFor = [...api, 'begin-export', 'complete-export', 'fail-export', 'sweep-exports'] as const;
  const throttles = lambdasOf(service, waitedFor).map(([, lambda]) => lambda.metricThrottles({ period }));
  return [
    functionErrors(service, {
      ...{ names: api, name: 'api-function-errors', from: 3, minutes: 5 },
      meaning: 'Functions behind the API broke off or ran out of time.',
    }),
    // Steps are tried again, and a step of a deleted export fails as it should.
    functionErrors(service, {
      ...{ names: collecting, name: 'collecting-errors', from: 10, minutes: 15 },
      meaning: 'Functions that begin exports and collect data failed ten times in 15 minutes.',
    }),
    functionErrors(service, {
      ...{ names: [...packaging, ...ending], name: 'packaging-errors', from: 10, minutes: 15 },
      meaning: 'Functions that pack, verify, end or look after exports failed ten times in 15 minutes.',
    }),
    {
      name: 'functions-throttled',
      meaning: 'Functions that somebody waits for were refused: too many ran at once.',
      metric: sumOf(throttles, period),
      limit: { from: 5 },
      console: dashboardOf(service),
    },
  ];
};

const apiMetrics = (service: WatchedService): WatchedMetric => ({
  name: 'api-5xx',
  meaning: 'The API answered five requests in five minutes with an error of its own.',
  metric: service.api.metricServerError({ period: Duration.minutes(5), statistic: 'Sum' }),
  limit: { from: 5 },
  console: dashboardOf(service),
});

/** Everything that operators are called for. */
export const watchedMetrics = (service: WatchedService): readonly WatchedMetric[] => [
  ...service.deadLetters.map((queue) =>
    waitingIn(queue, 'A function that nobody waits for could not deal with an event.'),
  ),
  ...executionMetrics(service),
  ...sweeperMetrics(service),
  ...functionMetrics(service),
  apiMetrics(service),
];
