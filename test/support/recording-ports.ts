import { ExecutionEnded, ServiceUnavailable } from '../../shared/domain/errors.ts';
import type { Execution } from '../../shared/domain/execution.ts';
import type { Measure, Measurements } from '../../shared/domain/measures.ts';
import type {
  Clock,
  EventPublisher,
  LogSubject,
  Metrics,
  OrphanSearch,
  StopReason,
  Workflow,
} from '../../shared/ports.ts';
import { subjectFields, type FunctionLog } from '../../shared/lambda/logger.ts';
import { NOON } from './export-builders.ts';

/** A clock that stands until a test moves it. */
export class SettableClock implements Clock {
  instant: number;

  constructor(instant = NOON) {
    this.instant = instant;
  }

  now(): number {
    return this.instant;
  }
}

/** Every line a use-case has logged, as one would find it in a log group. */
export class RecordingLog implements FunctionLog {
  readonly lines: string[] = [];
  #invocation = {};
  #subject = {};

  begin(invocation: object): void {
    [this.#invocation, this.#subject] = [invocation, {}];
  }

  about(subject: LogSubject): void {
    this.#subject = subjectFields(subject);
  }

  info(message: string, fields: object = {}): void {
    this.#add('info', message, fields);
  }

  warn(message: string, fields: object = {}): void {
    this.#add('warn', message, fields);
  }

  failure(message: string, error: unknown, fields: object = {}): void {
    this.#add('failure', message, {
      ...fields,
      errorName: error instanceof Error ? error.name : typeof error,
    });
  }

  #add(level: string, message: string, fields: object): void {
    this.lines.push(JSON.stringify({ level, message, ...this.#invocation, ...this.#subject, ...fields }));
  }
}

/** Every measurement, in order, each with its value and the failure it is of. */
export class RecordingMetrics implements Metrics {
  readonly recorded: [name: string, value: number, code?: string][] = [];

  record(measurements: Measurements, failure?: { readonly code: string }): void {
    for (const [name, value] of Object.entries(measurements)) {
      this.recorded.push(failure === undefined ? [name, value] : [name, value, failure.code]);
    }
  }

  /** The values of one measure, in order. */
  of(measure: Measure): number[] {
    return this.recorded.filter(([name]) => name === measure).map(([, value]) => value);
  }
}

const IN_VAIN: readonly string[] = ['failed', 'timed_out', 'aborted'];

/** Which executions were started and stopped, in order. */
export class RecordingWorkflow implements Workflow {
  readonly started: string[] = [];
  readonly stopped: string[] = [];
  readonly reasons: StopReason[] = [];
  /** What executions there are; any other was never started. */
  readonly executions = new Map<string, Execution>();
  /** Set to make the next calls fail. */
  failure: Error | undefined;

  start(exportId: string): Promise<void> {
    const { status = 'never_started' } = this.executions.get(exportId) ?? {};
    if (IN_VAIN.includes(status))
      return Promise.reject(new ExecutionEnded(`The execution of this export is ${status}.`));
    return this.#record(this.started, exportId);
  }

  stop(exportId: string, reason: StopReason): Promise<void> {
    this.reasons.push(reason);
    return this.#record(this.stopped, exportId);
  }

  executionOf(exportId: string): Promise<Execution> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return Promise.resolve(this.executions.get(exportId) ?? { status: 'never_started' });
  }

  #record(calls: string[], exportId: string): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    calls.push(exportId);
    return Promise.resolve();
  }
}

/** Where the search for orphans stands, in memory. */
export class InMemoryOrphanSearch implements OrphanSearch {
  at: string | undefined;

  position(): Promise<string | undefined> {
    return Promise.resolve(this.at);
  }

  moveTo(position: string | undefined): Promise<void> {
    this.at = position;
    return Promise.resolve();
  }
}

interface PublishedEvent {
  readonly type: string;
  readonly detail: { readonly eventId: string; readonly data: Readonly<Record<string, unknown>> };
}

/** A bus that keeps what it accepts. */
export class RecordingBus implements EventPublisher {
  readonly accepted: string[] = [];
  /** Types that are not accepted. */
  readonly refusedTypes = new Set<string>();
  down = false;

  publish(events: Readonly<Record<string, string>>): Promise<readonly string[]> {
    if (this.down) return Promise.reject(new ServiceUnavailable('The event bus did not answer.'));
    const accepted = Object.entries(events).filter(
      ([, event]) => !this.refusedTypes.has((JSON.parse(event) as PublishedEvent).type),
    );
    this.accepted.push(...accepted.map(([, event]) => event));
    return Promise.resolve(accepted.map(([eventId]) => eventId));
  }

  events(): PublishedEvent[] {
    return this.accepted.map((event) => JSON.parse(event) as PublishedEvent);
  }

  types(): string[] {
    return this.events().map(({ type }) => type);
  }
}
