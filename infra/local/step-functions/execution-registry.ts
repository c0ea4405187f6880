import { warnOf } from '../aws-json-endpoint.ts';
import {
  startedRecord,
  withOutcome,
  withRerun,
  type ExecutionOutcome,
  type ExecutionRecord,
} from './execution-record.ts';
import { executionArnOf } from '../local-identity.ts';
import { ExecutionRun, type RunEnding } from './execution-run.ts';
import { executionStatusChange, type ExecutionStatusChange } from './execution-status-change.ts';
import type { ExecutionStore, StoredExecution } from './execution-store.ts';
import type { HistoryAppender } from './execution-thread.ts';
import type { InvokeFunction } from './function-call.ts';
import { executionStarted, type HistoryEvent } from './history-event.ts';
import { parseJson, type JsonObject } from './json-value.ts';
import { LOCAL_ROLE_ARN, type StateMachine } from './state-machine.ts';

export interface RegistryOptions {
  readonly store: ExecutionStore;
  readonly machines: ReadonlyMap<string, StateMachine>;
  readonly invokeFunction: InvokeFunction;
  readonly retryIntervalSeconds: (computed: number) => number;
  readonly onExecutionStatusChange: (event: ExecutionStatusChange) => void;
}

interface Entry {
  record: ExecutionRecord;
  lastEventId: number;
  run?: ExecutionRun;
}

const contextOf = (record: ExecutionRecord, machine: StateMachine): JsonObject => ({
  Execution: {
    Id: record.executionArn,
    Name: record.name,
    Input: parseJson(record.input),
    StartTime: new Date(record.startDate).toISOString(),
    RoleArn: LOCAL_ROLE_ARN,
    RedriveCount: record.redriveCount,
  },
  StateMachine: { Id: machine.arn, Name: machine.name },
});

/** All executions, those of earlier runs of the server included: starts, stops and keeps them, and reports every change of status. */
export class ExecutionRegistry {
  readonly #options: RegistryOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  find(executionArn: string): ExecutionRecord | undefined {
    return this.#entries.get(executionArn)?.record;
  }

  /** Newest first. */
  list(stateMachineArn: string): ExecutionRecord[] {
    return [...this.#entries.values()]
      .map(({ record }) => record)
      .filter((record) => record.stateMachineArn === stateMachineArn)
      .reverse();
  }

  history(executionArn: string): HistoryEvent[] {
    return this.#options.store.history(executionArn);
  }

  /** The state machine of an execution as it was when the execution ran, which may differ from what it is now. */
  definitionOf({ definitionHash }: ExecutionRecord): string {
    return this.#options.store.definition(definitionHash);
  }

  /** Keeps a new execution and sets it running. The name must not be taken. */
  start(machine: StateMachine, name: string, input: string): ExecutionRecord {
    const { store } = this.#options;
    const start = {
      executionArn: executionArnOf(machine.arn, name),
      name,
      stateMachineArn: machine.arn,
      input,
      startDate: Date.now(),
      definitionHash: store.keepDefinition(machine.definitionText),
    };
    const details = executionStarted(input, LOCAL_ROLE_ARN);
    const type = 'ExecutionStarted';
    store.begin(start, { id: 1, previousEventId: 0, type, timestamp: start.startDate, details });
    const entry = { record: startedRecord(start), lastEventId: 1 };
    this.#entries.set(start.executionArn, entry);
    // In AWS's histories the first state names 0, not ExecutionStarted, as the event before it.
    this.#run(entry, machine, 0);
    return entry.record;
  }

  /** Does nothing to an execution that has ended. */
  stop(
    executionArn: string,
    error: string | undefined,
    cause: string | undefined,
  ): ExecutionRecord | undefined {
    const entry = this.#entries.get(executionArn);
    entry?.run?.stop(error, cause);
    return entry?.record;
  }

  /**
   * Takes up the executions of earlier runs of the server. One that was still running is run again from its first state, with
   * the same input and under the same ARN: where it stood cannot be known after a crash, and every step of ours is idempotent.
   * AWS never has to do this; what comes closest there is a redrive, so the history shows it as one and its timeout starts anew.
   */
  resume(): void {
    for (const stored of this.#options.store.load()) {
      const entry: Entry = { ...stored };
      this.#entries.set(stored.record.executionArn, entry);
      if (stored.record.status === 'RUNNING') this.#rerun(entry, stored);
    }
  }

  #rerun(entry: Entry, { record }: StoredExecution): void {
    const machine = this.#options.machines.get(record.stateMachineArn);
    if (machine === undefined) {
      const cause = 'The state machine of this execution is no longer there.';
      const details = { executionAbortedEventDetails: { cause } };
      const event = {
        eventType: 'ExecutionAborted',
        eventDetails: details,
        previousEventId: entry.lastEventId,
      };
      this.#close(entry, { status: 'ABORTED', cause, ...event });
      return;
    }
    const definitionHash = this.#options.store.keepDefinition(machine.definitionText);
    const rerun = { redriveDate: Date.now(), definitionHash };
    entry.record = withRerun(record, rerun);
    this.#options.store.append(record.executionArn, [{ rerun }]);
    const details = { executionRedrivenEventDetails: { redriveCount: entry.record.redriveCount } };
    const id = this.#appender(entry)({
      type: 'ExecutionRedriven',
      previousEventId: entry.lastEventId,
      details,
    });
    this.#run(entry, machine, id);
  }

  #appender(entry: Entry): HistoryAppender {
    return (event) => {
      const stamped = this.#stamped(entry, event);
      this.#options.store.append(entry.record.executionArn, [{ event: stamped }]);
      return stamped.id;
    };
  }

  #stamped(entry: Entry, event: Omit<HistoryEvent, 'id' | 'timestamp'>): HistoryEvent {
    entry.lastEventId += 1;
    return { ...event, id: entry.lastEventId, timestamp: Date.now() };
  }

  #run(entry: Entry, machine: StateMachine, lastEventId: number): void {
    const { invokeFunction, retryIntervalSeconds } = this.#options;
    const run = new ExecutionRun({
      definition: machine.definition,
      input: entry.record.input,
      context: contextOf(entry.record, machine),
      invokeFunction,
      retryIntervalSeconds,
      append: this.#appender(entry),
      lastEventId,
      onEnd: (ending) => this.#close(entry, ending),
    });
    entry.run = run;
    this.#report(entry.record);
    // The answer to StartExecution comes before anything happens in the execution.
    setImmediate(() => run.start());
  }

  #close(entry: Entry, { eventType, eventDetails, previousEventId, ...ending }: RunEnding): void {
    delete entry.run;
    const outcome: ExecutionOutcome = { ...ending, stopDate: Date.now() };
    entry.record = withOutcome(entry.record, outcome);
    const event = this.#stamped(entry, { type: eventType, previousEventId, details: eventDetails });
    try {
      this.#options.store.append(entry.record.executionArn, [{ event }, { outcome }]);
    } catch (error) {
      // A full disk must not take the server down; the execution will be run again when the server starts next.
      warnOf(error);
    }
    this.#report(entry.record);
  }

  #report(record: ExecutionRecord): void {
    try {
      this.#options.onExecutionStatusChange(executionStatusChange(record));
    } catch (error) {
      warnOf(error);
    }
  }

  /** Ends all runs without a trace; they are run again after the next start. */
  halt(): void {
    for (const { run } of this.#entries.values()) run?.halt();
  }
}
