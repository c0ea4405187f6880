import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { parseInput, RequestRefused, type AwsOperation } from '../aws-json-endpoint.ts';
import { executionArnOf } from '../local-identity.ts';
import { EXECUTION_STATUSES, type ExecutionRecord } from './execution-record.ts';
import type { ExecutionRegistry } from './execution-registry.ts';
import { historyEventOnWire } from './history-event.ts';
import { MAX_PAYLOAD_BYTES } from './json-value.ts';
import { pageOf } from './page-token.ts';
import { LOCAL_ROLE_ARN, type StateMachine } from './state-machine.ts';
import { stateMachineAt } from './state-machine-operations.ts';

const paging = {
  maxResults: z.optional(z.number().check(z.int(), z.minimum(0), z.maximum(1000))),
  nextToken: z.optional(z.string()),
};
const startInput = z.strictObject({
  stateMachineArn: z.string(),
  name: z.optional(z.string()),
  input: z.optional(z.string()),
});
const executionInput = z.strictObject({ executionArn: z.string() });
const describeInput = z.strictObject({
  executionArn: z.string(),
  includedData: z.optional(z.enum(['ALL_DATA', 'METADATA_ONLY'])),
});
const stopInput = z.strictObject({
  executionArn: z.string(),
  error: z.optional(z.string().check(z.maxLength(256))),
  cause: z.optional(z.string().check(z.maxLength(32_768))),
});
const listInput = z.strictObject({
  stateMachineArn: z.string(),
  statusFilter: z.optional(z.enum(EXECUTION_STATUSES)),
  ...paging,
});
const historyInput = z.strictObject({
  executionArn: z.string(),
  reverseOrder: z.optional(z.boolean()),
  includeExecutionData: z.optional(z.boolean()),
  ...paging,
});

const EXECUTION_NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]{1,80}$/;

const checkName = (name: string): void => {
  if (!EXECUTION_NAME.test(name)) throw new RequestRefused('InvalidName', `Invalid Name: '${name}'`);
};

const checkExecutionInput = (input: string): void => {
  if (Buffer.byteLength(input) > MAX_PAYLOAD_BYTES) {
    const rule = `Member must have length less than or equal to ${MAX_PAYLOAD_BYTES}`;
    const message = `1 validation error detected: Value at 'input' failed to satisfy constraint: ${rule}`;
    throw new RequestRefused('ValidationException', message);
  }
  try {
    JSON.parse(input);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RequestRefused('InvalidExecutionInput', `Invalid State Machine Execution Input: '${reason}'`);
  }
};

const found = (registry: ExecutionRegistry, executionArn: string): ExecutionRecord => {
  if (!/^arn:[^:]+:states:[^:]*:[^:]*:execution:[^:]+:[^:]+$/.test(executionArn)) {
    throw new RequestRefused('InvalidArn', `Invalid Arn: '${executionArn}'`);
  }
  const record = registry.find(executionArn);
  if (record !== undefined) return record;
  throw new RequestRefused('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
};

const inSeconds = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : milliseconds / 1000;

const summary = ({ outcome, ...record }: ExecutionRecord) => ({
  executionArn: record.executionArn,
  stateMachineArn: record.stateMachineArn,
  name: record.name,
  status: record.status,
  startDate: inSeconds(record.startDate),
  stopDate: inSeconds(outcome?.stopDate),
  redriveCount: record.redriveCount,
  redriveDate: inSeconds(record.redriveDate),
});

const description = (record: ExecutionRecord, withData: boolean) => ({
  ...summary(record),
  ...(withData ? { input: record.input, output: record.outcome?.output } : {}),
  inputDetails: { included: withData },
  outputDetails: record.outcome?.output === undefined ? undefined : { included: withData },
  error: record.outcome?.error,
  cause: record.outcome?.cause,
  redriveStatus: 'NOT_REDRIVABLE',
  redriveStatusReason: 'The local Step Functions endpoint does not redrive executions on request.',
});

const start = (registry: ExecutionRegistry, machine: StateMachine, name: string, input: string) => {
  const before = registry.find(executionArnOf(machine.arn, name));
  if (before === undefined) return registry.start(machine, name, input);
  // A repeated StartExecution is the same execution only while that one runs, and only with the very same input.
  if (before.status === 'RUNNING' && before.input === input) return before;
  throw new RequestRefused('ExecutionAlreadyExists', `Execution Already Exists: '${before.executionArn}'`);
};

/** The operations that start, stop and show executions. */
export const executionOperations = (
  registry: ExecutionRegistry,
  machines: ReadonlyMap<string, StateMachine>,
): Readonly<Record<string, AwsOperation>> => ({
  StartExecution: (request) => {
    const { stateMachineArn, name = randomUUID(), input = '{}' } = parseInput(startInput, request);
    checkName(name);
    checkExecutionInput(input);
    const { executionArn, startDate } = start(
      registry,
      stateMachineAt(machines, stateMachineArn),
      name,
      input,
    );
    return { executionArn, startDate: inSeconds(startDate) };
  },
  DescribeExecution: (request) => {
    const { executionArn, includedData } = parseInput(describeInput, request);
    return description(found(registry, executionArn), includedData !== 'METADATA_ONLY');
  },
  StopExecution: (request) => {
    const { executionArn, error, cause } = parseInput(stopInput, request);
    found(registry, executionArn);
    const stopped = registry.stop(executionArn, error, cause);
    return { stopDate: inSeconds(stopped?.outcome?.stopDate) };
  },
  ListExecutions: (request) => {
    const { stateMachineArn, statusFilter, ...asked } = parseInput(listInput, request);
    const all = registry.list(stateMachineAt(machines, stateMachineArn).arn);
    const wanted = all.filter(({ status }) => statusFilter === undefined || status === statusFilter);
    const { page, nextToken } = pageOf(wanted, ({ executionArn }) => executionArn, asked);
    return { executions: page.map(summary), nextToken };
  },
  GetExecutionHistory: (request) => {
    const { executionArn, reverseOrder, includeExecutionData, ...asked } = parseInput(historyInput, request);
    const events = registry.history(found(registry, executionArn).executionArn);
    const ordered = reverseOrder === true ? events.reverse() : events;
    const { page, nextToken } = pageOf(ordered, ({ id }) => String(id), asked);
    return {
      events: page.map((event) => historyEventOnWire(event, includeExecutionData !== false)),
      nextToken,
    };
  },
  DescribeStateMachineForExecution: (request) => {
    const { executionArn } = parseInput(executionInput, request);
    const record = found(registry, executionArn);
    return {
      stateMachineArn: record.stateMachineArn,
      name: record.stateMachineArn.slice(record.stateMachineArn.lastIndexOf(':') + 1),
      definition: registry.definitionOf(record),
      roleArn: LOCAL_ROLE_ARN,
      updateDate: inSeconds(record.redriveDate ?? record.startDate),
    };
  },
});
