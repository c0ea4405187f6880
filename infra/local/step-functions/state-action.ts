import type { ChoiceState, FailState, PassState, State, WaitState } from './asl-schema.ts';
import { fulfils } from './choice-rule.ts';
import { valueAtPath, type PathScope } from './json-path.ts';
import { fillTemplate } from './payload-template.ts';
import { runtimeFailure, StateFailure } from './state-failure.ts';

const LONGEST_WAIT_SECONDS = 99_999_999;

const textAt = (path: string, scope: PathScope, field: string): string => {
  const value = valueAtPath(path, scope, field);
  if (typeof value === 'string') return value;
  throw runtimeFailure(`The value of ${field} must be a string.`);
};

/** The input after InputPath and Parameters: what the state works on. */
export const effectiveInput = (state: State, { data, context }: PathScope): unknown => {
  const inputPath = 'InputPath' in state ? state.InputPath : undefined;
  const chosen = inputPath === null ? {} : valueAtPath(inputPath ?? '$', { data, context }, 'InputPath');
  const template = 'Parameters' in state ? state.Parameters : undefined;
  return template === undefined ? chosen : fillTemplate(template, { data: chosen, context });
};

/** What OutputPath lets through. */
export const effectiveOutput = (state: State, scope: PathScope): unknown => {
  const outputPath = 'OutputPath' in state ? state.OutputPath : undefined;
  return outputPath === null ? {} : valueAtPath(outputPath ?? '$', scope, 'OutputPath');
};

/** A Pass state's result: `Result` also when it is null, false, 0 or an empty string. */
export const passResult = (state: PassState, input: unknown): unknown =>
  state.Result === undefined ? input : state.Result;

/** The state that a Choice hands over to. Throws StateFailure `States.NoChoiceMatched`. */
export const chosenState = (state: ChoiceState, scope: PathScope, name: string): string => {
  const chosen = state.Choices.find((rule) => fulfils(rule, scope))?.Next ?? state.Default;
  if (chosen !== undefined) return chosen;
  throw new StateFailure('States.NoChoiceMatched', `No choice rule of the state '${name}' matched.`);
};

/** How long a Wait state waits, milliseconds from now; never negative. */
export const waitMilliseconds = (state: WaitState, scope: PathScope): number => {
  const timestamp =
    state.TimestampPath === undefined ? state.Timestamp : textAt(state.TimestampPath, scope, 'TimestampPath');
  if (timestamp !== undefined) {
    const until = Date.parse(timestamp);
    if (Number.isNaN(until)) throw runtimeFailure(`'${timestamp}' is not a timestamp.`);
    return Math.max(0, until - Date.now());
  }
  const seconds =
    state.SecondsPath === undefined ? state.Seconds : valueAtPath(state.SecondsPath, scope, 'SecondsPath');
  if (typeof seconds === 'number' && seconds >= 0 && seconds <= LONGEST_WAIT_SECONDS) return seconds * 1000;
  throw runtimeFailure(`The Wait state needs from 0 to ${LONGEST_WAIT_SECONDS} seconds.`);
};

/** What a Fail state ends its line with. */
export const failureOf = (state: FailState, scope: PathScope): StateFailure =>
  new StateFailure(
    state.ErrorPath === undefined ? (state.Error ?? '') : textAt(state.ErrorPath, scope, 'ErrorPath'),
    state.CausePath === undefined ? (state.Cause ?? '') : textAt(state.CausePath, scope, 'CausePath'),
  );
