import { createBeginExport } from '../../functions/begin-export/begin-export.ts';
import { createCompleteExport } from '../../functions/complete-export/complete-export.ts';
import { createDeleteExport } from '../../functions/delete-export/delete-export.ts';
import { createFailExport } from '../../functions/fail-export/fail-export.ts';
import { createStartExport } from '../../functions/start-export/start-export.ts';
import { createSweepExports } from '../../functions/sweep-exports/sweep-exports.ts';
import { exportJob } from '../../shared/domain/export-job.ts';
import {
  checkpointKey,
  packageKey,
  planKey,
  sectionKey,
  segmentKey,
  segmentReportKey,
  tallyKey,
} from '../../shared/domain/package-layout.ts';
import { createPublishPendingEvents } from '../../shared/use-cases/publish-pending-events.ts';
import {
  A_USER,
  anApiRequest,
  anExportRun,
  aPackageSummary,
  executionArnOf,
  HOUR_MS,
} from './export-builders.ts';
import { InMemoryActiveExports } from './in-memory-active-exports.ts';
import { InMemoryArtifactStore, versionOf } from './in-memory-artifact-store.ts';
import { InMemoryDueRows } from './in-memory-due-rows.ts';
import { InMemoryHousehold } from './in-memory-household.ts';
import { InMemoryJobStore } from './in-memory-job-store.ts';
import {
  InMemoryOrphanSearch,
  RecordingBus,
  RecordingLog,
  RecordingMetrics,
  RecordingWorkflow,
  SettableClock,
} from './recording-ports.ts';

export const LATE_WRITER_MS = 16 * 60_000;
export const RETENTION_MS = 24 * HOUR_MS;
export const AN_EXPORT_ID = '00000000-0000-4000-8000-000000000001';

type Ports = ReturnType<typeof newPorts>;

/** Of every object that is written here. */
const CONTENT = Buffer.from('x');

const newPorts = () => {
  const [jobs, activeExports] = [new InMemoryJobStore(), new InMemoryActiveExports()];
  return {
    ...{ jobs, activeExports, dueRows: new InMemoryDueRows(jobs, activeExports) },
    ...{ artifacts: new InMemoryArtifactStore(), search: new InMemoryOrphanSearch() },
    ...{ workflow: new RecordingWorkflow(), events: new RecordingBus() },
  };
};

/** How a process that dies looks to what it talks to: the call at which it dies has its effect or not, and none follows. */
export interface Crash {
  readonly atCall: number;
  readonly effect: boolean;
}

/** The ports as a process sees them that may die; how many calls it has made is counted. */
const mortal = (ports: Ports, crash: Crash | undefined, calls: { made: number }): Ports => {
  const mortalPort = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return async (...parameters: unknown[]): Promise<unknown> => {
          calls.made += 1;
          const dead = crash !== undefined && calls.made >= crash.atCall;
          if (dead && !(crash.effect && calls.made === crash.atCall)) throw new Error('The process is dead.');
          const result: unknown = await Reflect.apply(member, target, parameters);
          if (dead) throw new Error('The process is dead.');
          return result;
        };
      },
    });
  return {
    jobs: mortalPort(ports.jobs),
    activeExports: mortalPort(ports.activeExports),
    dueRows: mortalPort(ports.dueRows),
    artifacts: mortalPort(ports.artifacts),
    search: mortalPort(ports.search),
    workflow: mortalPort(ports.workflow),
    events: mortalPort(ports.events),
  };
};

/** Everything around one export in memory, and the functions that deal with it, each of which can die at any call. */
export class ExportWorld {
  readonly ports = newPorts();
  readonly clock = new SettableClock();
  readonly log = new RecordingLog();
  readonly metrics = new RecordingMetrics();
  readonly run = anExportRun({ exportId: AN_EXPORT_ID });
  /** Of everything that is written on the way to a package made of segments. */
  readonly interimKeys = [
    sectionKey(this.run, 'accounts', 'attempt-1'),
    tallyKey(this.run, 'transactions', 'attempt-1'),
    planKey(this.run, 'attempt-1'),
    segmentKey(this.run, 0, 'attempt-1'),
    segmentReportKey(this.run, 0, 'attempt-1'),
    checkpointKey(this.run, 'attempt-1'),
  ];
  readonly packageKey = packageKey(this.run, 'attempt-1', 'zip');
  crash: Crash | undefined;
  #calls = { made: 0 };

  /** How many calls the last function has made. */
  get calls(): number {
    return this.#calls.made;
  }

  start(): Promise<unknown> {
    return createStartExport({
      ...this.#dependencies(),
      estimate: () => Promise.resolve({ size: 1, duration: 1 }),
      newId: () => AN_EXPORT_ID,
      activeExportCap: 2,
    })(anApiRequest());
  }

  begin(): Promise<unknown> {
    this.ports.workflow.executions.set(AN_EXPORT_ID, { status: 'running', since: this.clock.now() });
    const begin = createBeginExport({
      ...this.#dependencies(),
      source: new InMemoryHousehold(),
      transactionsPerPart: 100,
    });
    return begin({ exportId: AN_EXPORT_ID, executionArn: executionArnOf(AN_EXPORT_ID) });
  }

  /** What the steps between write, uploads of segments and of packages that are not finished included. */
  write(): void {
    const { objects, uploads } = this.ports.artifacts;
    for (const key of [...this.interimKeys, this.packageKey]) objects.set(key, CONTENT);
    for (const key of [segmentKey(this.run, 1, 'attempt-0'), packageKey(this.run, 'attempt-0', 'zip')])
      uploads.set(key, this.clock.now());
  }

  complete(): Promise<unknown> {
    const complete = createCompleteExport({
      ...this.#dependencies(),
      retentionMs: RETENTION_MS,
      packagesBucket: 'packages',
    });
    const made = aPackageSummary({ s3Key: this.packageKey });
    const { packageSize: bytes, sha256 } = made;
    const verified = { done: true, version: versionOf(CONTENT), bytes, entries: 3, records: 2, sha256 };
    return complete({ run: this.run, package: made, verified });
  }

  fail(): Promise<unknown> {
    const failure = { Error: 'AccessRefused' };
    return createFailExport(this.#dependencies())({
      ...{ exportId: AN_EXPORT_ID, executionArn: executionArnOf(AN_EXPORT_ID), failure },
    });
  }

  delete(): Promise<unknown> {
    const remove = createDeleteExport({ ...this.#dependencies(), lateWriterMs: LATE_WRITER_MS });
    return remove(anApiRequest({ path: { exportId: AN_EXPORT_ID } }));
  }

  sweep(timeLeft = (): number => 300_000) {
    const sweep = createSweepExports({
      ...this.#dependencies(),
      lateWriterMs: LATE_WRITER_MS,
      retentionMs: RETENTION_MS,
    });
    return sweep({ timeLeft });
  }

  /** Lives through some hours with a sweep every five minutes. */
  async sweepFor(hours: number): Promise<void> {
    for (const end = this.clock.now() + hours * HOUR_MS; this.clock.now() < end;) {
      this.clock.instant += 5 * 60_000;
      await this.sweep();
    }
  }

  row() {
    return this.ports.jobs.find(AN_EXPORT_ID);
  }

  async job() {
    return exportJob.parse(await this.row());
  }

  #dependencies() {
    this.#calls = { made: 0 };
    const ports = mortal(this.ports, this.crash, this.#calls);
    const { clock, log, metrics } = this;
    const publish = createPublishPendingEvents({ ...ports, log, metrics });
    return { ...ports, clock, log, metrics, publish };
  }
}

const TERMINAL_EVENTS = {
  completed: ['export.completed'],
  expired: ['export.completed', 'export.expired'],
  failed: ['export.failed'],
  deleted: ['export.deleted'],
};

/** What must hold of an export when everything has come to rest; each entry is a way in which it does not. */
export const brokenInvariants = async ({ ports, packageKey: key }: ExportWorld): Promise<string[]> => {
  const broken: string[] = [];
  const check = (holds: boolean, what: string) => {
    if (!holds) broken.push(what);
  };
  const row = await ports.jobs.find(AN_EXPORT_ID);
  const members = [...(await ports.activeExports.members(A_USER)).keys()];
  check(members.length === 0, `I6: ${members.join()} hold places`);
  const kept = row?.status === 'completed' ? [key] : [];
  check(ports.artifacts.keys().join() === kept.join(), `I3, I5: there is ${ports.artifacts.keys().join()}`);
  check(ports.artifacts.uploads.size === 0, 'I5: an upload is open');
  if (row === undefined) return broken;
  if (row.status === 'initiated' || row.status === 'processing' || row.status === 'deleting')
    return [...broken, `I8: it is ${row.status}`];
  const types = new Set(ports.events.types());
  for (const type of TERMINAL_EVENTS[row.status]) check(types.has(type), `I4: no ${type}`);
  check(types.has('export.initiated'), 'I4: no export.initiated');
  const ids = new Set(ports.events.events().map(({ detail }) => detail.eventId));
  check(ids.size === types.size, 'I4: a repeat has another id');
  check(Object.keys(row.pendingEvents).length === 0, 'I4: an event is left in the outbox');
  check(row.dueAt === (row.status === 'completed' ? row.expiresAt : undefined), 'it does not rest');
  return broken;
};
