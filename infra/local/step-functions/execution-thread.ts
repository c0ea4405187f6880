import { MAX_HISTORY_EVENTS, type HistoryEvent } from './history-event.ts';
import type { JsonObject } from './json-value.ts';
import { runtimeFailure } from './state-failure.ts';

export type EventDetails = Readonly<Record<string, JsonObject>>;

/** Writes one event of a history and returns its id. */
export type HistoryAppender = (event: Omit<HistoryEvent, 'id' | 'timestamp'>) => number;

/** Unwinds the code of a thread that was ended from outside. Nothing may catch it to go on. */
export class ThreadEnded extends Error {
  override readonly name = 'ThreadEnded';
}

interface AbortEvent {
  readonly type: string;
  readonly details?: EventDetails;
}

/**
 * One line of states: the execution itself, a branch of a Parallel or an iteration of a Map. It knows its latest event,
 * so that every event names the one before it in the same line, and it can be ended at any moment, with all it forked.
 * Ending is synchronous: when `end` returns, nothing of the thread can write to the history any more.
 */
export class ExecutionThread {
  readonly #append: HistoryAppender;
  readonly #ended = new AbortController();
  readonly #children = new Set<ExecutionThread>();
  readonly #openStates: AbortEvent[] = [];
  #lastEventId: number;

  constructor(append: HistoryAppender, lastEventId: number) {
    this.#append = append;
    this.#lastEventId = lastEventId;
  }

  get lastEventId(): number {
    return this.#lastEventId;
  }

  /** Throws ThreadEnded when the thread was ended, and StateFailure when the history is full. */
  record(type: string, details?: EventDetails): void {
    if (this.#ended.signal.aborted) throw new ThreadEnded();
    this.#write(type, details);
    if (this.#lastEventId < MAX_HISTORY_EVENTS) return;
    throw runtimeFailure(
      `The execution reached the maximum number of history events (${MAX_HISTORY_EVENTS}).`,
    );
  }

  #write(type: string, details?: EventDetails): void {
    this.#lastEventId = this.#append({ type, previousEventId: this.#lastEventId, details });
  }

  /** From here to the matching `leave`, ending the thread writes this event. */
  enter(abortEvent: AbortEvent): void {
    this.#openStates.push(abortEvent);
  }

  leave(): void {
    this.#openStates.pop();
  }

  fork(): ExecutionThread {
    const child = new ExecutionThread(this.#append, this.#lastEventId);
    this.#children.add(child);
    return child;
  }

  /** Goes on after a child that came to its end. */
  join(child: ExecutionThread): void {
    this.#children.delete(child);
    this.#lastEventId = child.lastEventId;
  }

  /** Goes on after a child that failed: all its siblings are ended, whatever they were doing. */
  joinFailed(child: ExecutionThread): void {
    this.#children.delete(child);
    this.#endChildren();
    this.#lastEventId = child.lastEventId;
  }

  #endChildren(): void {
    for (const child of this.#children) child.end();
    this.#children.clear();
  }

  /** Ends the thread and all it forked, and writes what was aborted, innermost first. */
  end(): void {
    if (this.#ended.signal.aborted) return;
    this.#endChildren();
    for (const { type, details } of this.#openStates.reverse()) this.#write(type, details);
    this.#ended.abort();
  }

  /** Ends the thread and all it forked without a word in the history. */
  halt(): void {
    for (const child of this.#children) child.halt();
    this.#ended.abort();
  }

  /** The promise's outcome, or ThreadEnded as soon as the thread ends; a later outcome is dropped. */
  async untilEnded<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this.#ended;
    const interruption = Promise.withResolvers<never>();
    const interrupt = () => interruption.reject(new ThreadEnded());
    if (signal.aborted) interrupt();
    signal.addEventListener('abort', interrupt);
    try {
      return await Promise.race([promise, interruption.promise]);
    } finally {
      signal.removeEventListener('abort', interrupt);
    }
  }

  /** Waits. Throws ThreadEnded as soon as the thread ends. */
  async pause(milliseconds: number): Promise<void> {
    const alarm = startAlarm(milliseconds);
    try {
      await this.untilEnded(alarm.rings);
    } finally {
      alarm.cancel();
    }
  }
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A timer that may be longer than the 24.8 days Node's timers reach. */
export const startAlarm = (milliseconds: number): { rings: Promise<void>; cancel: () => void } => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const due = Date.now() + milliseconds;
  let timer: NodeJS.Timeout;
  const wind = () => {
    const left = due - Date.now();
    timer =
      left > LONGEST_TIMER_MS
        ? setTimeout(wind, LONGEST_TIMER_MS)
        : setTimeout(() => resolve(undefined), left);
  };
  wind();
  return { rings: promise, cancel: () => clearTimeout(timer) };
};
