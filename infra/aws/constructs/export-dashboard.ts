import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  MathExpression,
  PeriodOverride,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { FAILURE_CATEGORIES } from '../../../shared/domain/failures.ts';
import { METRICS_NAMESPACE, type Measure } from '../../../shared/domain/measures.ts';
import type { FunctionName } from '../../../shared/lambda/functions.ts';
import { exportMetric, FUNCTION_GROUPS, lambdasOf, type WatchedService } from '../watched-service.ts';

const HOUR = Duration.hours(1);
/** Of the 24 columns that a dashboard has. */
const WIDTH = 8;
const HEIGHT = 6;

export const dashboardName = ({ prefix }: Pick<WatchedService, 'prefix'>): string => `${prefix}-export`;

const graph = (title: string, left: IMetric[], unit?: string): GraphWidget =>
  new GraphWidget({
    ...{ title, left, width: WIDTH, height: HEIGHT },
    leftYAxis: { min: 0, ...(unit === undefined ? {} : { label: unit, showUnits: false }) },
  });

const sums = (service: WatchedService, ...measures: readonly Measure[]): IMetric[] =>
  measures.map((measure) => exportMetric(service, measure, { period: HOUR, label: measure }));

const spread = (service: WatchedService, measure: Measure): IMetric[] =>
  ['p50', 'p95', 'Maximum'].map((statistic) =>
    exportMetric(service, measure, { statistic, period: HOUR, label: `${measure} ${statistic}` }),
  );

const successRate = (service: WatchedService): MathExpression =>
  new MathExpression({
    expression: '100 * FILL(completed, 0) / SUM([completed, failed])',
    usingMetrics: {
      completed: exportMetric(service, 'ExportsCompleted'),
      failed: exportMetric(service, 'ExportsFailed'),
    },
    label: 'Completed, in %',
    period: HOUR,
  });

const outcomes = (service: WatchedService): IWidget[] => [
  graph('Exports an hour', [
    ...sums(service, 'ExportsStarted', 'ExportsCompleted', 'ExportsPartial', 'ExportsFailed'),
  ]),
  graph('Success rate', [successRate(service)], '%'),
  graph('From request to package', spread(service, 'ExportDuration'), 'ms'),
];

const waiting = (service: WatchedService): IWidget[] => [
  graph('From request to first step', spread(service, 'TimeToStart'), 'ms'),
  graph('From request to failure', spread(service, 'FailedExportDuration'), 'ms'),
  graph('Links to download an hour', sums(service, 'Downloads')),
];

const sizes = (service: WatchedService): IWidget[] => [
  graph('Packages', spread(service, 'PackageSize'), 'bytes'),
  graph('Records in a package', spread(service, 'RecordsExported')),
  graph('Files that are missing', sums(service, 'MissingFiles')),
];

/** The codes are many and most never occur, so that a search shows those which do. */
const failuresByCode = ({ prefix }: WatchedService): MathExpression =>
  new MathExpression({
    expression: `SEARCH('{${METRICS_NAMESPACE},service,environment,code} MetricName="ExportsFailed" environment="${prefix}"', 'Sum')`,
    label: '',
    period: HOUR,
  });

const failures = (service: WatchedService): IWidget[] => [
  graph(
    'Failures by category',
    FAILURE_CATEGORIES.map((category) =>
      exportMetric(service, 'ExportsFailed', {
        dimensionsMap: { category },
        period: HOUR,
        label: category,
      }),
    ),
  ),
  graph('Failures by code', [failuresByCode(service)]),
  graph('Executions an hour', [
    service.stateMachine.metricSucceeded({ period: HOUR }),
    service.stateMachine.metricFailed({ period: HOUR }),
    service.stateMachine.metricTimedOut({ period: HOUR }),
    service.stateMachine.metricAborted({ period: HOUR }),
  ]),
];

/** Each state of the workflow has a function of its own, so that a function's time is its state's. */
const durations = (service: WatchedService): IWidget[] => {
  const longest = (title: string, names: readonly FunctionName[]): IWidget =>
    graph(
      title,
      lambdasOf(service, names).map(([name, lambda]) =>
        lambda.metricDuration({ statistic: 'Maximum', label: name }),
      ),
      'ms',
    );
  return [
    longest('Collecting: longest calls', FUNCTION_GROUPS.collecting),
    longest('Packing: longest calls', FUNCTION_GROUPS.packaging),
    longest('Verifying and ending: longest calls', FUNCTION_GROUPS.ending),
  ];
};

const trouble = (service: WatchedService): IWidget[] => [
  graph('Stuck exports, events not published', sums(service, 'StuckExports', 'EventsNotPublished')),
  graph(
    'Dead letters',
    service.deadLetters.map((queue) =>
      queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', label: queue.shortName }),
    ),
  ),
  graph('Sweeps', [...lambdasOf(service, ['sweep-exports']).map(([, lambda]) => lambda.metricInvocations())]),
];

const functionHealth = (service: WatchedService): IWidget[] => {
  const ofAll = (title: string, metricOf: (lambda: IFunction, label: string) => IMetric): IWidget =>
    graph(
      title,
      [...service.lambdas].map(([name, lambda]) => metricOf(lambda, name)),
    );
  return [
    ofAll('Errors by function', (lambda, label) => lambda.metricErrors({ label })),
    ofAll('Throttles by function', (lambda, label) => lambda.metricThrottles({ label })),
    ofAll('Duration by function, p95', (lambda, label) => lambda.metricDuration({ label, statistic: 'p95' })),
  ];
};

const api = ({ api: httpApi }: WatchedService): IWidget[] => [
  graph('Requests to the API', [httpApi.metricCount({ statistic: 'Sum' })]),
  graph('Errors of the API', [
    httpApi.metricClientError({ statistic: 'Sum' }),
    httpApi.metricServerError({ statistic: 'Sum' }),
  ]),
  graph('Latency of the API', [
    httpApi.metricLatency({ statistic: 'p50' }),
    httpApi.metricLatency({ statistic: 'p95' }),
  ]),
];

/** How the service is, at a glance. */
export class ExportDashboard extends Dashboard {
  constructor(scope: Construct, id: string, { service }: { readonly service: WatchedService }) {
    super(scope, id, {
      dashboardName: dashboardName(service),
      defaultInterval: Duration.days(1),
      periodOverride: PeriodOverride.INHERIT,
      widgets: [
        ...[outcomes, waiting, sizes, failures].map((row) => row(service)),
        ...[durations, trouble, functionHealth, api].map((row) => row(service)),
      ],
    });
  }
}
