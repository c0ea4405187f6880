import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, it } from '@jest/globals';
import { stateVisits } from '../../../../../infra/local/operators-view/state-visits.ts';

const START = Date.UTC(2026, 10, 23);

/** One event a second; ids count from 1. */
const historyOf = (events: [previousEventId: number, type: string, details?: Partial<HistoryEvent>][]) =>
  events.map(([previousEventId, type, details], index): HistoryEvent => {
    const timestamp = new Date(START + index * 1000);
    return { id: index + 1, previousEventId, type: type as HistoryEvent['type'], timestamp, ...details };
  });

const enter = (name: string): Partial<HistoryEvent> => ({ stateEnteredEventDetails: { name } });
const exit = (name: string): Partial<HistoryEvent> => ({ stateExitedEventDetails: { name } });
const fail = (error: string, cause: string): Partial<HistoryEvent> => ({
  lambdaFunctionFailedEventDetails: { error, cause },
});

const CAUSE = JSON.stringify({ errorType: 'ServiceUnavailable', errorMessage: 'Try later.' });

describe('the states of an execution', () => {
  it('counts the calls of a state that was tried again and keeps what went wrong', () => {
    const [visit] = stateVisits(
      historyOf([
        [0, 'ExecutionStarted'],
        [0, 'TaskStateEntered', enter('Begin')],
        [2, 'LambdaFunctionScheduled'],
        [3, 'LambdaFunctionFailed', fail('ServiceUnavailable', CAUSE)],
        [4, 'LambdaFunctionScheduled'],
        [5, 'LambdaFunctionSucceeded'],
        [6, 'TaskStateExited', exit('Begin')],
      ]),
    );
    expect(visit).toEqual({
      name: 'Begin',
      depth: 0,
      enteredAt: START + 1000,
      exitedAt: START + 6000,
      calls: 2,
      errors: ['ServiceUnavailable: Try later.'],
    });
  });

  it('tells events of branches that run at the same time apart, and goes on outside of them', () => {
    const visits = stateVisits(
      historyOf([
        [0, 'ExecutionStarted'],
        [0, 'ParallelStateEntered', enter('Collect')],
        [2, 'ParallelStateStarted'],
        [3, 'TaskStateEntered', enter('Accounts')],
        [3, 'TaskStateEntered', enter('Categories')],
        [4, 'LambdaFunctionScheduled'],
        [5, 'LambdaFunctionScheduled'],
        [6, 'LambdaFunctionSucceeded'],
        [8, 'TaskStateExited', exit('Accounts')],
        [7, 'LambdaFunctionSucceeded'],
        [10, 'TaskStateExited', exit('Categories')],
        [11, 'ParallelStateSucceeded'],
        [12, 'ParallelStateExited', exit('Collect')],
        [13, 'TaskStateEntered', enter('Package')],
      ]),
    );
    expect(visits.map(({ name, depth, calls, exitedAt }) => [name, depth, calls, exitedAt])).toEqual([
      ['Collect', 0, 0, START + 12_000],
      ['Accounts', 1, 1, START + 8000],
      ['Categories', 1, 1, START + 10_000],
      ['Package', 0, 0, undefined],
    ]);
  });

  it('leaves a branch that was cut short unfinished when its Parallel state is left', () => {
    const visits = stateVisits(
      historyOf([
        [0, 'ExecutionStarted'],
        [0, 'ParallelStateEntered', enter('Collect')],
        [2, 'ParallelStateStarted'],
        [3, 'TaskStateEntered', enter('Accounts')],
        [3, 'TaskStateEntered', enter('Categories')],
        [4, 'LambdaFunctionScheduled'],
        [6, 'LambdaFunctionFailed', fail('Broken', 'plain text')],
        [7, 'ParallelStateFailed'],
        [8, 'ParallelStateExited', exit('Collect')],
        [9, 'TaskStateEntered', enter('FailExport')],
      ]),
    );
    expect(visits.map(({ name, errors, failure, exitedAt }) => [name, errors, failure, exitedAt])).toEqual([
      ['Collect', [], 'Broken: plain text', START + 8000],
      ['Accounts', ['Broken: plain text'], 'Broken: plain text', undefined],
      ['Categories', [], undefined, undefined],
      ['FailExport', [], undefined, undefined],
    ]);
  });
});
