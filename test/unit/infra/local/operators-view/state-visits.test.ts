import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, it } from '@jest/globals';
import {
  executionTrace,
  stateVisits,
  visitStatus,
} from '../../../../../infra/local/operators-view/state-visits.ts';

const START = Date.UTC(2026, 10, 23);

/** One event a second; ids count from 1. */
const historyOf = (events: [previousEventId: number, type: string, details?: Partial<HistoryEvent>][]) =>
  events.map(([previousEventId, type, details], index): HistoryEvent => {
    const timestamp = new Date(START + index * 1000);
    return { id: index + 1, previousEventId, type: type as HistoryEvent['type'], timestamp, ...details };
  });

const enter = (name: string, input?: string): Partial<HistoryEvent> => ({
  stateEnteredEventDetails: { name, input },
});
const exit = (name: string, output?: string): Partial<HistoryEvent> => ({
  stateExitedEventDetails: { name, output },
});
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
      endedAt: START + 6000,
      calls: 2,
      errors: [{ at: START + 3000, error: 'ServiceUnavailable', message: 'Try later.' }],
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
    const broken = { at: START + 6000, error: 'Broken', message: 'plain text' };
    expect(visits.map(({ name, errors, failure, endedAt }) => [name, errors, failure, endedAt])).toEqual([
      ['Collect', [], broken, START + 8000],
      ['Accounts', [broken], broken, START + 8000],
      ['Categories', [], undefined, START + 8000],
      ['FailExport', [], undefined, undefined],
    ]);
    expect(visits.map(visitStatus)).toEqual(['caught', 'failed', 'aborted', 'running']);
  });

  it('tells the iterations of a Map apart, also those that begin when another has ended', () => {
    const place = (index: number) => ({ name: 'Pack', index });
    const { visits, taken } = executionTrace(
      historyOf([
        [0, 'ExecutionStarted'],
        [0, 'MapStateEntered', enter('Pack', '[1,2]')],
        [2, 'MapStateStarted', { mapStateStartedEventDetails: { length: 3 } }],
        [3, 'MapIterationStarted', { mapIterationStartedEventDetails: place(0) }],
        [4, 'TaskStateEntered', enter('Segment')],
        [5, 'LambdaFunctionScheduled'],
        [6, 'LambdaFunctionSucceeded'],
        [7, 'TaskStateExited', exit('Segment', '"ü"')],
        [8, 'MapIterationSucceeded', { mapIterationSucceededEventDetails: place(0) }],
        [9, 'MapIterationStarted', { mapIterationStartedEventDetails: place(1) }],
        [10, 'TaskStateEntered', enter('Segment')],
        [11, 'LambdaFunctionScheduled'],
      ]),
    );
    expect(visits.map(({ name, depth, iteration, items }) => [name, depth, iteration, items])).toEqual([
      ['Pack', 0, undefined, 3],
      ['Segment', 1, 0, undefined],
      ['Segment', 1, 1, undefined],
    ]);
    expect(visits.map(({ inputBytes, outputBytes }) => [inputBytes, outputBytes])).toEqual([
      [5, undefined],
      [undefined, 4],
      [undefined, undefined],
    ]);
    expect(visits.map(visitStatus)).toEqual(['running', 'succeeded', 'running']);
    expect(visits[0]).toMatchObject({ iterationsSucceeded: 1 });
    expect(taken).toEqual([]);
  });

  it('calls a state aborted, not failed, when the execution was stopped in it', () => {
    const visits = stateVisits(
      historyOf([
        [0, 'ExecutionStarted'],
        [0, 'TaskStateEntered', enter('Begin')],
        [2, 'LambdaFunctionScheduled'],
        [3, 'TaskStateAborted'],
        [4, 'ExecutionAborted', { executionAbortedEventDetails: { error: 'Deleted' } }],
      ]),
    );
    expect(visits.map(visitStatus)).toEqual(['aborted']);
    expect(visits[0]).toMatchObject({ errors: [], endedAt: START + 3000 });
  });

  it('names the ways that were gone, and each state that an error ended the execution in', () => {
    const { visits, taken, stateOfEvent } = executionTrace(
      historyOf([
        [0, 'ExecutionStarted'],
        [0, 'TaskStateEntered', enter('Begin')],
        [2, 'LambdaFunctionScheduled'],
        [3, 'LambdaFunctionFailed', fail('Broken', CAUSE)],
        [4, 'TaskStateExited', exit('Begin')],
        [5, 'FailStateEntered', enter('Failed')],
        [6, 'ExecutionFailed', { executionFailedEventDetails: { error: 'ExportFailed' } }],
      ]),
    );
    expect(visits.map(visitStatus)).toEqual(['caught', 'failed']);
    expect(taken).toEqual([{ from: 'Begin', to: 'Failed', caught: true }]);
    expect([...stateOfEvent]).toEqual([
      [2, 'Begin'],
      [3, 'Begin'],
      [4, 'Begin'],
      [5, 'Begin'],
      [6, 'Failed'],
    ]);
  });
});
