import { describe, expect, it } from '@jest/globals';
import * as errors from '../../../shared/domain/errors.ts';
import { LONGEST_RUN_MS } from '../../../shared/domain/export-job.ts';
import { WORKFLOW_FUNCTIONS, type WorkflowFunction } from '../../../shared/lambda/functions.ts';
import { placeholderFor, workflowDefinition } from '../../../statemachine/definition.ts';
import {
  definition,
  inside,
  reachableFrom,
  statesOf,
  type NamedState,
} from '../../support/workflow-definition.ts';

const text = workflowDefinition();
const states = statesOf(definition);
const tasks = states.filter(({ state }) => state.Type === 'Task');
const functionNames = Object.keys(WORKFLOW_FUNCTIONS) as WorkflowFunction[];

const pascal = (name: string): string =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

const named = (list: readonly NamedState[]) => list.map((entry) => [entry.name, entry] as const);

/** Step Functions and Lambda raise these by themselves; any other error has to be one of ours. */
const OF_THE_PLATFORM = /^(?:States|Lambda|Sandbox|Runtime)\.[A-Za-z.]+$/;
const OWN_ERRORS = new Set(Object.keys(errors).filter((exported) => /^[A-Z]/.test(exported)));

describe('the definition of the workflow', () => {
  it('calls every workflow function, and only those', () => {
    const placeholders = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
    expect(placeholders.sort()).toEqual(functionNames.map(placeholderFor).sort());
  });

  it.each(functionNames.map((name) => [name]))('has the one task for %s, named after it', (name) => {
    const own = tasks.filter(({ state }) => state.Resource === `\${${placeholderFor(name)}}`);
    expect(own.map((task) => task.name)).toEqual([pascal(name)]);
    expect(placeholderFor(name)).toBe(`${pascal(name)}FunctionArn`);
  });

  it('uses only what both wirings understand: no Map of the distributed kind, no other service', () => {
    const permitted = ['Task', 'Parallel', 'Map', 'Choice', 'Pass', 'Succeed', 'Fail'];
    expect(states.filter(({ state }) => !permitted.includes(state.Type))).toEqual([]);
    expect(text).not.toMatch(
      /arn:aws|DISTRIBUTED|"Credentials"|HeartbeatSeconds|ToleratedFailure|waitForTaskToken/,
    );
  });

  it('uses of the context object only what any interpreter of the language has', () => {
    const used = new Set([...text.matchAll(/\$\$[\w.]+/g)].map(([path]) => path));
    expect([...used].sort()).toEqual(['$$.Execution.Id', '$$.Map.Item.Value']);
  });

  it('uses JSONPath only', () => {
    expect(text).not.toMatch(/"QueryLanguage"|JSONata|"Assign"|"Arguments"|"Output"|\{%/);
  });

  it('does not have a name twice, nor too many', () => {
    expect(new Set(states.map(({ name }) => name)).size).toBe(states.length);
    expect(states.length).toBeLessThanOrEqual(25);
  });

  it('ends by itself before a lost run is looked for, and before the bucket removes interim objects of a day', () => {
    expect(LONGEST_RUN_MS).toBeGreaterThan((definition.TimeoutSeconds ?? Infinity) * 1000);
    expect(definition.TimeoutSeconds).toBeLessThan(24 * 60 * 60);
  });

  it('completes no export whose package was not verified', () => {
    const leadingTo = (target: string): string[] =>
      states
        .filter(({ state: { Next, Default, Choices = [] } }) =>
          [Next, Default, ...Choices.map((choice) => choice.Next)].includes(target),
        )
        .map(({ name }) => name);
    expect(leadingTo('CompleteExport')).toEqual(['PackageVerified']);
    expect(definition.States['PackageVerified']).toMatchObject({
      Choices: [{ Variable: '$.verified.done', BooleanEquals: true, Next: 'CompleteExport' }],
      Default: 'VerifyPackage',
    });
    expect(leadingTo('PackageVerified')).toEqual(['VerifyPackage']);
  });

  it.each([
    [
      'CollectTransactionParts',
      {
        ItemsPath: '$.run.transactionParts',
        ItemSelector: { 'run.$': '$.run', 'part.$': '$$.Map.Item.Value' },
      },
    ],
    [
      'PackageSegments',
      {
        ItemsPath: '$.plan.segments',
        ItemSelector: {
          'run.$': '$.run',
          'planKey.$': '$.plan.planKey',
          'segment.$': '$$.Map.Item.Value',
        },
      },
    ],
  ])('runs the pieces of %s side by side, in a new account too', (name, expected) => {
    const state = states.find((candidate) => candidate.name === name)?.state;
    expect(state).toMatchObject({ Type: 'Map', ...expected });
    expect(state?.MaxConcurrency).toBeGreaterThan(1);
    expect(state?.MaxConcurrency).toBeLessThan(10);
  });

  it.each(named(states))('tells an operator what %s does', (_, { state }) => {
    expect(state.Comment ?? '').toMatch(/^[A-Z].{30,}[.?]$|^[A-Z].{30,}\.$/);
  });

  it.each(named(states))('goes from %s only to states that are there', (_, { state, machine }) => {
    const targets = [state.Next, state.Default]
      .concat((state.Choices ?? []).map(({ Next }) => Next))
      .concat((state.Catch ?? []).map(({ Next }) => Next))
      .filter((target) => target !== undefined);
    for (const target of targets) expect(Object.keys(machine.States)).toContain(target);
    const ends = state.End === true || ['Succeed', 'Fail'].includes(state.Type);
    expect(ends).toBe(state.Next === undefined && state.Default === undefined);
  });

  it('reaches every state', () => {
    const targets = new Set(
      states.flatMap(({ state }) => [
        ...[state.Next, state.Default],
        ...(state.Choices ?? []).map(({ Next }) => Next),
        ...(state.Catch ?? []).map(({ Next }) => Next),
        ...inside(state).map(({ StartAt }) => StartAt),
      ]),
    );
    for (const { name } of states)
      expect([name, targets.has(name) || name === definition.StartAt]).toEqual([name, true]);
  });
});

describe('a task of the workflow', () => {
  it.each(named(tasks))('%s waits a minute longer than its function can run', (name, { state }) => {
    const functionName = functionNames.find((candidate) => pascal(candidate) === name);
    expect(functionName).toBeDefined();
    if (functionName === undefined) return;
    expect(state.TimeoutSeconds).toBe(WORKFLOW_FUNCTIONS[functionName].timeoutSeconds + 60);
  });

  it.each(named(tasks))('%s is tried again, with pauses that grow, differ and end', (_, { state }) => {
    const retriers = state.Retry ?? [];
    const retried = retriers.flatMap(({ ErrorEquals }) => ErrorEquals);
    expect(retried).toEqual(
      expect.arrayContaining([
        'Lambda.TooManyRequestsException',
        'Lambda.ServiceException',
        'Lambda.AWSLambdaException',
        'Lambda.SdkClientException',
        'Lambda.ClientExecutionTimeoutException',
        'ServiceUnavailable',
        'States.Timeout',
        'Sandbox.Timedout',
        'OutOfTime',
      ]),
    );
    expect(new Set(retried).size).toBe(retried.length);
    for (const retrier of retriers) {
      expect(retrier.JitterStrategy).toBe('FULL');
      expect(retrier.BackoffRate).toBeGreaterThan(1);
      expect(retrier.IntervalSeconds).toBeGreaterThanOrEqual(1);
      expect(retrier.MaxDelaySeconds).toBeGreaterThan(retrier.IntervalSeconds ?? Infinity);
      expect(retrier.MaxAttempts).toBeGreaterThanOrEqual(2);
    }
  });

  it.each(named(tasks))('%s is tried again as every other is', (_, { state }) => {
    expect(state.Retry).toEqual(tasks[0]?.state.Retry);
  });

  it.each(named(tasks))('%s is not tried again for what no retry can mend', (_, { state }) => {
    const retried = (state.Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals);
    for (const hopeless of [
      'States.ALL',
      'States.TaskFailed',
      'AccessRefused',
      'ExportClosed',
      'IndexIncomplete',
      'PackageCorrupted',
      'PackageCountsWrong',
      'PackageTotalsWrong',
    ])
      expect(retried).not.toContain(hopeless);
  });

  it.each(named(tasks.filter(({ name }) => name !== 'FailExport')))(
    '%s leads to FailExport when it fails for good, whatever the error',
    (_, { state, around }) => {
      const catchers = [state, ...around].map(({ Catch = [] }) => Catch).find((list) => list.length > 0);
      expect(catchers?.map(({ ErrorEquals, Next, ResultPath }) => [ErrorEquals, Next, ResultPath])).toEqual([
        [['States.ALL'], 'FailExport', '$.failure'],
      ]);
    },
  );

  it('after a failure catches nothing, so that its own failure is seen and can be redriven', () => {
    const onTheWay = reachableFrom(definition, 'FailExport').filter(({ Type }) => Type === 'Task');
    expect(onTheWay).toHaveLength(1);
    for (const { Catch, Retry = [] } of onTheWay) {
      expect(Catch).toBeUndefined();
      expect(Retry.length).toBeGreaterThan(0);
    }
  });

  it('names no error that nobody raises', () => {
    const names = states.flatMap(({ state }) =>
      [...(state.Retry ?? []), ...(state.Catch ?? [])].flatMap(({ ErrorEquals }) => ErrorEquals),
    );
    const unknown = names.filter((name) => !OF_THE_PLATFORM.test(name) && !OWN_ERRORS.has(name));
    expect(unknown).toEqual([]);
    expect(names).toContain('ServiceUnavailable');
  });
});
