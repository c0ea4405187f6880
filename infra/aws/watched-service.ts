import { Duration } from 'aws-cdk-lib';
import type { IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { METRICS_NAMESPACE, METRICS_SERVICE, type Measure } from '../../shared/domain/measures.ts';
import type { FunctionName } from '../../shared/lambda/functions.ts';
import type { DeadLetterQueue } from './constructs/dead-letters.ts';

/** What operators watch of a deployment. */
export interface WatchedService {
  /** What all names begin with, and how its own metrics are told from another deployment's. */
  readonly prefix: string;
  readonly api: Pick<IHttpApi, 'metricCount' | 'metricClientError' | 'metricServerError' | 'metricLatency'>;
  readonly stateMachine: IStateMachine;
  readonly lambdas: ReadonlyMap<FunctionName, IFunction>;
  readonly deadLetters: readonly DeadLetterQueue[];
}

/** One of the functions' own metrics; summed up by five minutes unless told otherwise. */
export const exportMetric = (
  { prefix }: Pick<WatchedService, 'prefix'>,
  measure: Measure,
  { dimensionsMap, ...options }: MetricOptions = {},
): Metric =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName: measure,
    dimensionsMap: { service: METRICS_SERVICE, environment: prefix, ...dimensionsMap },
    statistic: 'Sum',
    period: Duration.minutes(5),
    ...options,
  });

/** @throws TypeError when one of the functions is not deployed */
export const lambdasOf = (
  { lambdas }: Pick<WatchedService, 'lambdas'>,
  names: readonly FunctionName[],
): [FunctionName, IFunction][] =>
  names.map((name) => {
    const lambda = lambdas.get(name);
    if (lambda === undefined) throw new TypeError(`${name} is not deployed.`);
    return [name, lambda];
  });

/** The functions as they work together, so that few pictures and alarms show all of them. */
export const FUNCTION_GROUPS = {
  api: [
    ...['start-export', 'preview-export', 'list-exports'],
    ...['get-export-status', 'download-export', 'delete-export'],
  ],
  collecting: [
    ...['begin-export', 'collect-accounts', 'collect-transactions', 'collect-categories'],
    ...['collect-file-maps', 'collect-transaction-files', 'collect-analytics'],
  ],
  packaging: ['plan-package', 'package-export', 'package-segment', 'join-package'],
  ending: ['verify-package', 'complete-export', 'fail-export', 'sweep-exports'],
} as const;
