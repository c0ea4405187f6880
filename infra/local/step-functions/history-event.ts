import type { JsonObject } from './json-value.ts';

/** An event of an execution's history as it is stored; `timestamp` is milliseconds since the epoch. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly timestamp: number;
  /** The event's details under the name the wire gives them, such as `stateEnteredEventDetails`. */
  readonly details?: Readonly<Record<string, JsonObject>> | undefined;
}

/** Step Functions' quota of events in one history. */
export const MAX_HISTORY_EVENTS = 25_000;

const whole = { truncated: false };

/** Details of an event that carries an input, an output or both. */
export const stateEntered = (name: string, input: string) => ({
  stateEnteredEventDetails: { name, input, inputDetails: whole },
});

export const stateExited = (name: string, output: string) => ({
  stateExitedEventDetails: { name, output, outputDetails: whole },
});

export const lambdaScheduled = (resource: string, input: string, timeoutInSeconds: number | undefined) => ({
  lambdaFunctionScheduledEventDetails: {
    resource,
    input,
    inputDetails: whole,
    ...(timeoutInSeconds === undefined ? {} : { timeoutInSeconds }),
  },
});

export const lambdaSucceeded = (output: string) => ({
  lambdaFunctionSucceededEventDetails: { output, outputDetails: whole },
});

export const executionStarted = (input: string, roleArn: string) => ({
  executionStartedEventDetails: { input, inputDetails: whole, roleArn },
});

export const executionSucceeded = (output: string) => ({
  executionSucceededEventDetails: { output, outputDetails: whole },
});

const DATA_FIELDS = new Set(['input', 'inputDetails', 'output', 'outputDetails']);

const withoutData = (details: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(details).filter(([name]) => !DATA_FIELDS.has(name)));

/** The event as the wire shows it: details next to the type, time in seconds. Without data, inputs and outputs are left out. */
export const historyEventOnWire = (event: HistoryEvent, includeExecutionData: boolean): JsonObject => {
  const { details = {}, timestamp, ...rest } = event;
  const shown: JsonObject = Object.fromEntries(
    Object.entries(details).map(([name, value]) => [name, includeExecutionData ? value : withoutData(value)]),
  );
  return { ...rest, timestamp: timestamp / 1000, ...shown };
};
