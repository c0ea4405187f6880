import type { StateStatus } from './replies.ts';
import { executionWord, signOfExecution } from './texts.ts';

/** A shape for each status, since colour alone tells nothing to many. */
const SHAPES: Readonly<Record<StateStatus, string>> = {
  waiting: 'M8 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10',
  skipped: 'M4 8h8',
  running: 'M8 2.5a5.5 5.5 0 1 0 5.5 5.5',
  retrying: 'M12.5 8a4.5 4.5 0 1 1-1.4-3.2M12.5 2v3.5H9',
  succeeded: 'M3 8.5l3.5 3.5L13 4.5',
  retried: 'M12.5 8a4.5 4.5 0 1 1-1.4-3.2M12.5 2v3.5H9M6 8l1.6 1.7L10.2 6.5',
  caught: 'M8 2L14.5 13.5H1.5ZM8 6.5v3.2M8 11.4v.6',
  failed: 'M4 4l8 8M12 4l-8 8',
  aborted: 'M4 4h8v8H4Z',
};

export const StatusSign = ({ status }: { readonly status: StateStatus }) => (
  <svg class={`sign ${status}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d={SHAPES[status]} />
  </svg>
);

export const ExecutionStatus = ({ status }: { readonly status: string }) => (
  <span class={`badge ${signOfExecution(status)}`}>
    <StatusSign status={signOfExecution(status)} />
    {executionWord(status)}
  </span>
);
