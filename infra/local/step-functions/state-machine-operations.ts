import * as z from 'zod/mini';
import { parseInput, RequestRefused, type AwsOperation } from '../aws-json-endpoint.ts';
import { pageOf } from './page-token.ts';
import { LOCAL_ROLE_ARN, type StateMachine } from './state-machine.ts';

const describeInput = z.strictObject({
  stateMachineArn: z.string(),
  includedData: z.optional(z.literal('ALL_DATA')),
});
const listInput = z.strictObject({
  maxResults: z.optional(z.number().check(z.int(), z.minimum(0), z.maximum(1000))),
  nextToken: z.optional(z.string()),
});

/** Throws RequestRefused `InvalidArn` or `StateMachineDoesNotExist`. */
export const stateMachineAt = (machines: ReadonlyMap<string, StateMachine>, arn: string): StateMachine => {
  if (!/^arn:[^:]+:states:[^:]*:[^:]*:stateMachine:[^:]+(:[^:]+)?$/.test(arn)) {
    throw new RequestRefused('InvalidArn', `Invalid Arn: '${arn}'`);
  }
  const machine = machines.get(arn);
  if (machine !== undefined) return machine;
  throw new RequestRefused('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
};

/** The operations that show state machines; `createdAt` is when the server was given them, milliseconds since the epoch. */
export const stateMachineOperations = (
  machines: ReadonlyMap<string, StateMachine>,
  createdAt: number,
): Readonly<Record<string, AwsOperation>> => {
  const summary = ({ arn, name }: StateMachine) => ({
    stateMachineArn: arn,
    name,
    type: 'STANDARD',
    creationDate: createdAt / 1000,
  });
  return {
    DescribeStateMachine: (request) => {
      const machine = stateMachineAt(machines, parseInput(describeInput, request).stateMachineArn);
      return {
        ...summary(machine),
        status: 'ACTIVE',
        definition: machine.definitionText,
        roleArn: LOCAL_ROLE_ARN,
        loggingConfiguration: { level: 'OFF', includeExecutionData: false },
        tracingConfiguration: { enabled: false },
      };
    },
    ListStateMachines: (request) => {
      const asked = parseInput(listInput, request);
      const { page, nextToken } = pageOf([...machines.values()], ({ arn }) => arn, asked);
      return { stateMachines: page.map(summary), nextToken };
    },
  };
};
