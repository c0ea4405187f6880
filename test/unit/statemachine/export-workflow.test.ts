import { describe, expect, it } from '@jest/globals';
import { WORKFLOW_FUNCTIONS, type WorkflowFunction } from '../../../shared/lambda/functions.ts';
import { placeholderFor, workflowDefinition } from '../../../statemachine/definition.ts';

interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly Next?: string;
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Branches?: readonly Machine[];
  readonly ItemProcessor?: Machine;
  readonly Choices?: readonly { readonly Variable: string; readonly Next: string }[];
  readonly Default?: string;
  readonly ItemsPath?: string;
  readonly ItemSelector?: unknown;
  readonly MaxConcurrency?: number;
}

interface Machine {
  readonly States: Readonly<Record<string, State>>;
}

const definition = JSON.parse(workflowDefinition()) as Machine;

const within = (states: Readonly<Record<string, State>>): [string, State][] =>
  Object.entries(states).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...(state.Branches ?? []).flatMap((branch) => within(branch.States)),
    ...within(state.ItemProcessor?.States ?? {}),
  ]);

const states = within(definition.States);
const tasks = states.filter(([, { Type }]) => Type === 'Task');
const names = Object.keys(WORKFLOW_FUNCTIONS) as WorkflowFunction[];

const stateOf = (functionName: WorkflowFunction): [string, State] => {
  const found = tasks.filter(([, { Resource }]) => Resource === `\${${placeholderFor(functionName)}}`);
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`${found.length} states call ${functionName}.`);
  return found[0];
};

describe('the workflow definition', () => {
  it('calls each workflow function in one state that is named like it, and no other', () => {
    const called = names.map((name) => stateOf(name)[0]);
    expect(called).toEqual(names.map((name) => placeholderFor(name).replace(/FunctionArn$/, '')));
    expect(tasks).toHaveLength(names.length);
  });

  it.each(names)('gives %s up a minute after it is dead', (name) => {
    expect(stateOf(name)[1].TimeoutSeconds).toBe(WORKFLOW_FUNCTIONS[name].timeoutSeconds + 60);
  });

  it('retries every task in the same way', () => {
    const [, first] = stateOf('begin-export');
    for (const [, { Retry }] of tasks) expect(Retry).toEqual(first.Retry);
  });

  it('lets FailExport catch everything of every state outside of the branches but itself', () => {
    const caught = Object.entries(definition.States).filter(([, { Catch }]) => Catch !== undefined);
    for (const [, { Catch }] of caught) {
      expect(Catch).toEqual([{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'FailExport' }]);
    }
    const working = Object.entries(definition.States).filter(([, { Type }]) =>
      /Task|Parallel|Map/.test(Type),
    );
    expect(caught.map(([name]) => name)).toEqual(
      working.map(([name]) => name).filter((name) => name !== 'FailExport'),
    );
  });

  it('completes no export whose package was not verified', () => {
    const leadsTo = (target: string): string[] =>
      states
        .filter(([, { Next, Default, Choices = [] }]) =>
          [Next, Default, ...Choices.map((choice) => choice.Next)].includes(target),
        )
        .map(([name]) => name);
    expect(leadsTo('CompleteExport')).toEqual(['PackageVerified']);
    expect(definition.States['PackageVerified']).toMatchObject({
      Choices: [{ Variable: '$.verified.done', BooleanEquals: true, Next: 'CompleteExport' }],
      Default: 'VerifyPackage',
    });
    expect(leadsTo('PackageVerified')).toEqual(['VerifyPackage']);
  });

  it('does not try again what would find the same package wrong', () => {
    const retried = (stateOf('verify-package')[1].Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals);
    for (const verdict of ['PackageCorrupted', 'PackageCountsWrong', 'PackageTotalsWrong', 'States.ALL']) {
      expect(retried).not.toContain(verdict);
    }
    expect(retried).toContain('ServiceUnavailable');
  });

  it('collects transactions part by part, some at once, and each with the run', () => {
    const [, parts] = states.find(([name]) => name === 'CollectTransactionParts') ?? [];
    expect(parts).toMatchObject({
      Type: 'Map',
      ItemsPath: '$.run.transactionParts',
      ItemSelector: { 'run.$': '$.run', 'part.$': '$$.Map.Item.Value' },
    });
    expect(parts?.MaxConcurrency).toBeGreaterThan(1);
    expect(parts?.MaxConcurrency).toBeLessThanOrEqual(10);
    expect(Object.keys(parts?.ItemProcessor?.States ?? {})).toEqual(['CollectTransactions']);
  });

  it('says of every state what it is for', () => {
    for (const [, { Comment }] of states) expect(Comment).toMatch(/\.$/);
  });
});
