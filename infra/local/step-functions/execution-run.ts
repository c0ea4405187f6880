import { warnOf } from '../aws-json-endpoint.ts';
import type { StateMachineDefinition } from './asl-schema.ts';
import type { ExecutionOutcome } from './execution-record.ts';
import { ExecutionThread, startAlarm, ThreadEnded, type HistoryAppender } from './execution-thread.ts';
import { executionSucceeded } from './history-event.ts';
import { parseJson, payloadText } from './json-value.ts';
import { errorFields, runtimeFailure, StateFailure } from './state-failure.ts';
import { runStates, type RunnerOptions } from './state-runner.ts';

type Ending = Omit<ExecutionOutcome, 'stopDate'>;

/** How a run ends: the terminal event of its history and what describes the execution from then on. */
export interface RunEnding extends Ending {
  readonly eventType: string;
  readonly eventDetails: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly previousEventId: number;
}

export interface RunOptions extends RunnerOptions {
  readonly definition: StateMachineDefinition;
  readonly input: string;
  readonly append: HistoryAppender;
  readonly lastEventId: number;
  /** Called once, when the run has ended by itself or was stopped. */
  readonly onEnd: (ending: RunEnding) => void;
}

const defined = (fields: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** One run of an execution through its states. Whatever happens in it, no rejection ever leaves it. */
export class ExecutionRun {
  readonly #options: RunOptions;
  readonly #thread: ExecutionThread;
  #timeout: ReturnType<typeof startAlarm> | undefined;
  #over = false;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#thread = new ExecutionThread(options.append, options.lastEventId);
  }

  start(): void {
    if (this.#over) return;
    const seconds = this.#options.definition.TimeoutSeconds;
    if (seconds !== undefined) {
      this.#timeout = startAlarm(seconds * 1000);
      void this.#timeout.rings.then(() => this.#timeOut());
    }
    void this.#run();
  }

  async #run(): Promise<void> {
    const { definition, input } = this.#options;
    try {
      const output = await runStates(definition, parseJson(input), this.#thread, this.#options);
      const text = payloadText(output, 'The output of the execution');
      this.#end({ status: 'SUCCEEDED', output: text }, 'ExecutionSucceeded', executionSucceeded(text));
    } catch (error) {
      if (error instanceof ThreadEnded) return;
      this.#fail(error);
    }
  }

  #fail(reason: unknown): void {
    if (!(reason instanceof StateFailure)) warnOf(reason);
    const failure = reason instanceof StateFailure ? reason : runtimeFailure(String(reason));
    const fields = errorFields(failure);
    this.#end({ status: 'FAILED', ...fields }, 'ExecutionFailed', { executionFailedEventDetails: fields });
  }

  #timeOut(): void {
    if (this.#over) return;
    this.#thread.end();
    this.#end({ status: 'TIMED_OUT' }, 'ExecutionTimedOut', { executionTimedOutEventDetails: {} });
  }

  /** Ends the run as ABORTED at once; functions that are running go on, and what they return is dropped. */
  stop(error: string | undefined, cause: string | undefined): void {
    if (this.#over) return;
    this.#thread.end();
    const given = defined({ error, cause });
    this.#end({ status: 'ABORTED', ...given }, 'ExecutionAborted', { executionAbortedEventDetails: given });
  }

  /** Ends the run without a trace, as the end of the process would. */
  halt(): void {
    this.#over = true;
    this.#timeout?.cancel();
    this.#thread.halt();
  }

  #end(ending: Ending, eventType: string, eventDetails: RunEnding['eventDetails']): void {
    if (this.#over) return;
    this.#over = true;
    this.#timeout?.cancel();
    const previousEventId = this.#thread.lastEventId;
    this.#options.onEnd({ ...ending, eventType, eventDetails, previousEventId });
  }
}
