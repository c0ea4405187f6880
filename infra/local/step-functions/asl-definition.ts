import * as z from 'zod/mini';
import { describeProblems } from '../aws-json-endpoint.ts';
import {
  stateMachineSchema,
  type Catcher,
  type Retrier,
  type State,
  type StateMachineDefinition,
  type StateSequence,
} from './asl-schema.ts';
import { checkChoiceRule } from './choice-rule.ts';
import { parsePath, parseResultPath } from './json-path.ts';
import { checkTemplate } from './payload-template.ts';

/** A definition that cannot run here; the message says where and why. */
export class DefinitionNotSupported extends Error {
  override readonly name = 'DefinitionNotSupported';
}

const innerSequences = (state: State): readonly StateSequence[] =>
  state.Type === 'Parallel' ? state.Branches : state.Type === 'Map' ? [state.ItemProcessor] : [];

const recoveryOf = (state: State) => ({
  retriers: 'Retry' in state ? (state.Retry ?? []) : [],
  catchers: 'Catch' in state ? (state.Catch ?? []) : [],
});

/** Every state that this state may hand over to. */
const targetsOf = (state: State): readonly string[] => {
  const next = 'Next' in state && state.Next !== undefined ? [state.Next] : [];
  const caught = recoveryOf(state).catchers.map((catcher) => catcher.Next);
  if (state.Type !== 'Choice') return [...next, ...caught];
  const fallback = state.Default === undefined ? [] : [state.Default];
  return [...state.Choices.map((rule) => rule.Next), ...fallback];
};

const checkTransition = (state: State): void => {
  if (state.Type === 'Choice' || state.Type === 'Succeed' || state.Type === 'Fail') return;
  if ((state.Next === undefined) === (state.End === undefined))
    throw new SyntaxError('either Next or End is needed');
};

// States.ALL in the middle would hide what follows it, and AWS refuses it.
const checkErrorNames = (handlers: readonly (Retrier | Catcher)[]): void => {
  handlers.forEach(({ ErrorEquals }, index) => {
    const catchesAll = ErrorEquals.includes('States.ALL');
    if (catchesAll && (ErrorEquals.length > 1 || index < handlers.length - 1)) {
      throw new SyntaxError('States.ALL must stand alone and last');
    }
  });
};

const checkPaths = (state: State): void => {
  const fields = [
    'InputPath',
    'OutputPath',
    'ItemsPath',
    'SecondsPath',
    'TimestampPath',
    'ErrorPath',
    'CausePath',
  ];
  for (const [name, value] of Object.entries(state)) {
    if (fields.includes(name) && typeof value === 'string') parsePath(value);
    if (name === 'ResultPath' && typeof value === 'string') parseResultPath(value);
    if (name === 'Parameters' || name === 'ResultSelector' || name === 'ItemSelector') checkTemplate(value);
  }
};

const checkWaitAndFail = (state: State): void => {
  if (state.Type === 'Wait') {
    const ways = [state.Seconds, state.SecondsPath, state.Timestamp, state.TimestampPath];
    if (ways.filter((way) => way !== undefined).length !== 1) {
      throw new SyntaxError('exactly one of Seconds, SecondsPath, Timestamp and TimestampPath is needed');
    }
  }
  if (state.Type === 'Fail' && state.Error !== undefined && state.ErrorPath !== undefined)
    throw new SyntaxError('Error and ErrorPath exclude each other');
  if (state.Type === 'Fail' && state.Cause !== undefined && state.CausePath !== undefined)
    throw new SyntaxError('Cause and CausePath exclude each other');
};

const checkState = (state: State): void => {
  const { retriers, catchers } = recoveryOf(state);
  checkTransition(state);
  checkErrorNames(retriers);
  checkErrorNames(catchers);
  checkPaths(state);
  checkWaitAndFail(state);
  if (state.Type === 'Choice') state.Choices.forEach(checkChoiceRule);
  for (const { ResultPath } of catchers) if (typeof ResultPath === 'string') parseResultPath(ResultPath);
};

const checkTargets = ({ StartAt, States }: StateSequence): void => {
  const reached = new Set([StartAt]);
  for (const name of reached) {
    const state = Object.hasOwn(States, name) ? States[name] : undefined;
    if (state === undefined) throw new SyntaxError(`there is no state "${name}" to go to`);
    targetsOf(state).forEach((target) => reached.add(target));
  }
  const unreachable = Object.keys(States).find((name) => !reached.has(name));
  if (unreachable !== undefined) throw new SyntaxError(`the state "${unreachable}" cannot be reached`);
};

const checkSequence = (sequence: StateSequence, seen: Set<string>): void => {
  checkTargets(sequence);
  for (const [name, state] of Object.entries(sequence.States)) {
    if (seen.has(name)) throw new SyntaxError(`two states have the name "${name}"`);
    seen.add(name);
    try {
      checkState(state);
    } catch (error) {
      throw new SyntaxError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    innerSequences(state).forEach((inner) => checkSequence(inner, seen));
  }
};

const parseText = (text: string): unknown => {
  const placeholder = /\$\{[^}]*\}/.exec(text);
  if (placeholder !== null) throw new SyntaxError(`the placeholder ${placeholder[0]} has no value`);
  const value: unknown = JSON.parse(text);
  return value;
};

/** Reads and checks the definition of a state machine. Throws DefinitionNotSupported for whatever would not run here as on AWS. */
export const parseDefinition = (machineName: string, text: string): StateMachineDefinition => {
  try {
    const errorMap = z.locales.en().localeError;
    const parsed = stateMachineSchema.safeParse(parseText(text), { error: errorMap });
    if (!parsed.success) throw new SyntaxError(describeProblems(parsed.error));
    checkSequence(parsed.data, new Set());
    return parsed.data;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DefinitionNotSupported(
      `The definition of the state machine ${machineName} is refused: ${reason}`,
    );
  }
};
