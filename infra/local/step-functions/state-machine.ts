import { localStateMachineArn, LOCAL_ACCOUNT_ID } from '../local-identity.ts';
import { parseDefinition } from './asl-definition.ts';
import type { StateMachineDefinition } from './asl-schema.ts';

/** A state machine as it was given to the server. */
export interface StateMachineSource {
  readonly name: string;
  /** Amazon States Language in JSON, with every placeholder already replaced by a function's ARN. */
  readonly definition: string;
}

export interface StateMachine {
  readonly name: string;
  readonly arn: string;
  readonly definitionText: string;
  readonly definition: StateMachineDefinition;
}

/** Executions have a role on AWS; nothing is checked against it here. */
export const LOCAL_ROLE_ARN = `arn:aws:iam::${LOCAL_ACCOUNT_ID}:role/local-state-machine`;

/** Throws DefinitionNotSupported. */
export const readStateMachine = ({ name, definition }: StateMachineSource): StateMachine => ({
  name,
  arn: localStateMachineArn(name),
  definitionText: definition,
  definition: parseDefinition(name, definition),
});
