import { describe, expect, it } from '@jest/globals';
import { workflowOf } from '../../../../../infra/local/operators-view/workflow-of.ts';
import {
  statesOf,
  type ExecutionReply,
  type StateReport,
} from '../../../../../infra/web/browser/executions/replies.ts';
import {
  durationText,
  shortStanding,
  standing,
  stateToLookAt,
} from '../../../../../infra/web/browser/executions/texts.ts';
import { workflowDefinition } from '../../../../../statemachine/definition.ts';

const START = Date.UTC(2026, 10, 24);

const untouched = (name: string): StateReport => ({
  name,
  status: 'waiting',
  enteredAt: null,
  endedAt: null,
  visitCount: 0,
  calls: 0,
  retries: 0,
  inputBytes: null,
  outputBytes: null,
  iterations: null,
  errorCount: 0,
  errors: [],
  visits: [],
});

const workflow = workflowOf(workflowDefinition());

const replyOf = (
  status: string,
  changed: Readonly<Record<string, Partial<StateReport>>>,
): ExecutionReply => ({
  execution: {
    exportId: 'an-export',
    status,
    startedAt: START,
    endedAt: null,
    job: { status: 'processing', exportType: 'complete', progress: '', phase: '' },
  },
  error: null,
  workflow,
  states: statesOf(workflow).map(({ name }) => ({ ...untouched(name), ...changed[name] })),
  taken: [],
  events: { total: 0, first: 1, items: [] },
  now: START + 5000,
});

const entered = (status: StateReport['status'], seconds: number): Partial<StateReport> => ({
  status,
  enteredAt: START + seconds * 1000,
  visitCount: 1,
});
const refused = { at: START, error: 'AccessRefused', message: 'No.' };

describe('where an execution stands, in words', () => {
  it('names the states that run, not those around them', () => {
    const reply = replyOf('RUNNING', {
      CollectSections: entered('running', 1),
      CollectAccounts: entered('running', 1),
      CollectFileMaps: { ...entered('retrying', 1), retries: 1 },
    });
    expect(standing(reply)).toBe('Now in CollectAccounts and CollectFileMaps. 1 call was tried again.');
    expect(stateToLookAt(reply)).toBe('CollectAccounts');
  });

  it('names the state that failed, not the one that says so at the end', () => {
    const reply = replyOf('FAILED', {
      CollectSections: entered('caught', 1),
      CollectAccounts: { ...entered('failed', 1), retries: 6, errorCount: 1, errors: [refused] },
      ExportFailed: {
        ...entered('failed', 2),
        errorCount: 1,
        errors: [{ ...refused, at: START + 2000, error: 'ExportFailed' }],
      },
    });
    expect(standing(reply)).toBe('CollectAccounts failed after 6 retries: AccessRefused, No.');
    expect(stateToLookAt(reply)).toBe('CollectAccounts');
  });

  it('says where an execution was stopped, and by what', () => {
    const reply = replyOf('ABORTED', { PackageExport: entered('aborted', 1) });
    expect(standing({ ...reply, error: { ...refused, error: 'Deleted', message: '' } })).toBe(
      'It was stopped from outside in PackageExport. Deleted',
    );
  });

  it('leads to the last state of an execution that went well', () => {
    const reply = replyOf('SUCCEEDED', {
      BeginExport: entered('succeeded', 0),
      ExportCompleted: entered('succeeded', 2),
    });
    expect(standing(reply)).toBe('Every state went well.');
    expect(stateToLookAt(reply)).toBe('ExportCompleted');
  });
});

describe('what stands in a box', () => {
  it('counts iterations and retries next to the time', () => {
    const iterations = { items: 40, succeeded: 12, failed: 0, aborted: 0, running: 28 };
    const state = { ...untouched('PackageSegments'), ...entered('running', 1), iterations, retries: 1 };
    expect(shortStanding(state, 'Map', START + 3500)).toBe('Map, 2.5 s, 12 of 40, 1 retry');
    expect(shortStanding(untouched('BeginExport'), 'Task', START)).toBe('waiting');
  });

  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1234, '1.2 s'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
  ])('tells %d ms as %s', (milliseconds, text) => {
    expect(durationText(milliseconds)).toBe(text);
  });
});
