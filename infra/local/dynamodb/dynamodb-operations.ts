import { RequestRefused, type AwsOperation } from '../aws-json-endpoint.ts';
import { ENGINE_OPERATIONS, type DynaliteEngine, type EngineOperation } from './dynalite-engine.ts';
import { createTimeToLive } from './time-to-live.ts';

const ON_CONDITION_FAILURE = 'ReturnValuesOnConditionCheckFailure';

const refuseUnsupported = (operation: EngineOperation, input: unknown, known: ReadonlySet<string>): void => {
  if (typeof input !== 'object' || input === null) return;
  const without = (name: string) => name === ON_CONDITION_FAILURE && Reflect.get(input, name) === 'NONE';
  const name = Object.keys(input).find((candidate) => !known.has(candidate) && !without(candidate));
  if (name === undefined) return;
  throw new RequestRefused(
    'ValidationException',
    `The local DynamoDB does not support the parameter ${name} of ${operation}.`,
  );
};

const LOST_NAME = '__proto__';

/** dynalite loses an attribute of this name, at any depth. */
const refuseLostNames = (value: unknown): void => {
  if (typeof value !== 'object' || value === null) return;
  if (Object.hasOwn(value, LOST_NAME)) {
    throw new RequestRefused(
      'ValidationException',
      `The local DynamoDB does not support attributes called ${LOST_NAME}.`,
    );
  }
  Object.values(value).forEach(refuseLostNames);
};

/** The operations of the local DynamoDB. A parameter that would be dropped without effect is refused. */
export const createDynamoDbOperations = (engine: DynaliteEngine): Record<string, AwsOperation> => {
  const timeToLive = createTimeToLive(engine);
  const operationOf = (operation: EngineOperation): AwsOperation => {
    const known = engine.parametersOf(operation);
    return (input) => {
      refuseUnsupported(operation, input, known);
      refuseLostNames(input);
      return engine.execute(operation, input);
    };
  };
  return {
    ...Object.fromEntries(ENGINE_OPERATIONS.map((name) => [name, operationOf(name)])),
    DescribeTimeToLive: timeToLive.describe,
    UpdateTimeToLive: timeToLive.update,
  };
};
