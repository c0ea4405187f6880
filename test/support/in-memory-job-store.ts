import { ExportAlreadyExists, ExportClosed, ExportStateConflict } from '../../shared/domain/errors.ts';
import {
  exportJob,
  tombstone,
  type CompletedJob,
  type DeletingJob,
  type ExpiredJob,
  type ExportJob,
  type FailedJob,
  type InitiatedJob,
  type Tombstone,
} from '../../shared/domain/export-job.ts';
import { priorStatuses, type ExportStatus, type Phase } from '../../shared/domain/export-status.ts';
import {
  progressName,
  type SectionPart,
  type SectionProgress,
} from '../../shared/domain/section-progress.ts';
import type { Section } from '../../shared/domain/sections.ts';
import type { JobStore } from '../../shared/ports.ts';

type Row = ExportJob | Tombstone;

const newestFirst = (a: ExportJob, b: ExportJob): number =>
  b.requestedAt - a.requestedAt || b.exportId.localeCompare(a.exportId);

const closed = (): Error => new ExportClosed('The export is no longer in progress.');
const conflict = (): Error =>
  new ExportStateConflict('The export cannot become that from the status it has.');

/** A job store in memory, held to the same contract suite as the one in DynamoDB. */
export class InMemoryJobStore implements JobStore {
  readonly #rows = new Map<string, Row>();

  constructor(...rows: readonly Row[]) {
    for (const row of rows) this.put(row);
  }

  /** Puts a row as it is, whatever was there. */
  put(row: Row): void {
    this.#rows.set(row.exportId, structuredClone(row));
  }

  all(): Row[] {
    return [...this.#rows.values()].map((row) => structuredClone(row));
  }

  setDueAt(exportId: string, dueAt: number | undefined): void {
    const row = this.#rows.get(exportId);
    if (row === undefined) return;
    const changed = { ...row };
    delete changed.dueAt;
    this.put(dueAt === undefined ? changed : { ...changed, dueAt });
  }

  find(exportId: string): Promise<Row | undefined> {
    return Promise.resolve(structuredClone(this.#rows.get(exportId)));
  }

  findByUser(userId: string, { limit, after }: { limit: number; after?: ExportJob }) {
    const jobs = this.all()
      .filter((row): row is ExportJob => row.status !== 'deleted' && row.status !== 'deleting')
      .filter((job) => job.userId === userId && (after === undefined || newestFirst(after, job) < 0))
      .sort(newestFirst);
    return Promise.resolve({ jobs: jobs.slice(0, limit), hasMore: jobs.length > limit });
  }

  create(job: InitiatedJob): Promise<void> {
    return this.#write(() => {
      if (this.#rows.has(job.exportId)) throw new ExportAlreadyExists('An export with this id exists.');
      this.put(job);
    });
  }

  begin(
    exportId: string,
    run: { executionArn: string; startedAt: number; dueAt: number },
  ): Promise<ExportJob> {
    return this.#write(() => {
      const job = this.#rows.get(exportId);
      const again = job?.status === 'processing' && job.executionArn === run.executionArn;
      if (job?.status !== 'initiated' && !again) throw closed();
      const startedAt = again ? job.startedAt : run.startedAt;
      this.put(
        exportJob.parse({ ...job, ...run, startedAt, status: 'processing', currentPhase: 'collecting_data' }),
      );
      return exportJob.parse(structuredClone(this.#rows.get(exportId)));
    });
  }

  recordSection(
    exportId: string,
    section: Section,
    progress: SectionProgress,
    part?: SectionPart,
  ): Promise<void> {
    return this.#write(() => {
      const job = this.#processing(exportId);
      const name = progressName(section, part);
      const before = job.sections[name];
      const isBehind = before !== undefined && (before.done || before.count > progress.count);
      if (isBehind && !progress.done) return;
      this.put({ ...job, sections: { ...job.sections, [name]: progress } });
    });
  }

  recordProgress(exportId: string, progress: number, phase: Phase): Promise<void> {
    return this.#write(() => {
      const job = this.#processing(exportId);
      if (progress > job.progress) this.put({ ...job, progress, currentPhase: phase });
    });
  }

  complete(job: CompletedJob): Promise<void> {
    return this.#write(() => {
      const stored = this.#rows.get(job.exportId);
      if (stored?.status === 'completed' && stored.s3Key === job.s3Key) return;
      const { s3Key, packageSize, sha256, crc64nvme, completeness, counts, warnings } = job;
      const { completedAt, expiresAt, progress, currentPhase } = job;
      this.#move('completed', job, closed, {
        ...{ s3Key, packageSize, sha256, completeness, counts, warnings },
        ...(crc64nvme === undefined ? {} : { crc64nvme }),
        ...{ completedAt, expiresAt, progress, currentPhase },
      });
    });
  }

  fail(job: FailedJob): Promise<void> {
    const { completedAt, error, errorDetails } = job;
    return this.#write(() => this.#move('failed', job, conflict, { completedAt, error, errorDetails }));
  }

  expire(job: ExpiredJob): Promise<void> {
    return this.#write(() => this.#move('expired', job, conflict, {}));
  }

  startDeleting(job: DeletingJob): Promise<void> {
    return this.#write(() => this.#move('deleting', job, conflict, { purgeAgainAt: job.purgeAgainAt }));
  }

  bury(grave: Tombstone): Promise<void> {
    return this.#write(() => {
      if (this.#rows.get(grave.exportId)?.status !== 'deleting') throw conflict();
      this.put(tombstone.parse(grave));
    });
  }

  addPendingEvents(exportId: string, events: Readonly<Record<string, string>>, dueAt: number): Promise<void> {
    return this.#write(() => {
      const job = this.#rows.get(exportId);
      if (job?.status !== 'completed') throw conflict();
      this.put({ ...job, dueAt, pendingEvents: { ...job.pendingEvents, ...events } });
    });
  }

  removePendingEvents(exportId: string, eventIds: readonly string[]): Promise<void> {
    return this.#write(() => {
      if (eventIds.length === 0) return;
      const row = this.#rows.get(exportId);
      if (row === undefined) throw conflict();
      const left = Object.entries(row.pendingEvents).filter(([eventId]) => !eventIds.includes(eventId));
      this.put({ ...row, pendingEvents: Object.fromEntries(left) });
    });
  }

  #processing(exportId: string): ExportJob & { status: 'processing' } {
    const job = this.#rows.get(exportId);
    if (job?.status !== 'processing') throw closed();
    return job;
  }

  /** Only what the write names changes; everything else stays as it is stored. */
  #move(status: ExportStatus, job: ExportJob, refusal: () => Error, changes: object): void {
    const stored = this.#rows.get(job.exportId);
    if (stored === undefined || stored.status === 'deleted') throw refusal();
    if (!priorStatuses(status).includes(stored.status)) throw refusal();
    const pendingEvents = { ...stored.pendingEvents, ...job.pendingEvents };
    const { dueAt } = job;
    this.put(
      exportJob.parse({
        ...stored,
        ...changes,
        ...(dueAt === undefined ? {} : { dueAt }),
        status,
        pendingEvents,
      }),
    );
  }

  #write<T>(change: () => T): Promise<T> {
    return Promise.resolve().then(change);
  }
}
