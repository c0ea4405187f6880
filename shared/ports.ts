import type { Readable } from 'node:stream';
import type {
  CompletedJob,
  DeletingJob,
  ExpiredJob,
  ExportJob,
  FailedJob,
  InitiatedJob,
  Tombstone,
} from './domain/export-job.ts';
import type { Phase } from './domain/export-status.ts';
import type { Execution } from './domain/execution.ts';
import type { Failure } from './domain/failures.ts';
import type { OmissionCode } from './domain/manifest.ts';
import type { Measurements } from './domain/measures.ts';
import type { SectionPart, SectionProgress } from './domain/section-progress.ts';
import type { Section } from './domain/sections.ts';
import type { RandomAccessSource } from './verification/random-access-source.ts';
import type { Selection } from './domain/selection.ts';

/** What use-cases may ask of the world. Adapters under `shared/aws` answer; every method may throw `ServiceUnavailable` and `AccessRefused`. */

export interface Clock {
  /** Epoch ms. */
  now(): number;
}

/** Where an export stands in its user's list. */
export type ListedPlace = Pick<ExportJob, 'exportId' | 'userId' | 'requestedAt'>;

/** The export jobs table. Each write is one conditional write; the first writer wins. */
export interface JobStore {
  /** Reads consistently; undefined when the id was never used. */
  find(exportId: string): Promise<ExportJob | Tombstone | undefined>;
  /** A user's jobs, newest first, those being erased left out. `after` is the place of the last one of the page before. */
  findByUser(
    userId: string,
    page: { limit: number; after?: ListedPlace },
  ): Promise<{ jobs: ExportJob[]; hasMore: boolean }>;
  /** After `ServiceUnavailable` the job may be there, at once or later. @throws ExportAlreadyExists */
  create(job: InitiatedJob): Promise<void>;
  /** From initiated; again by the same execution is fine. @throws ExportClosed */
  begin(
    exportId: string,
    run: { executionArn: string; startedAt: number; dueAt: number },
  ): Promise<ExportJob>;
  /**
   * How far a section is, or one part of it; what is behind what was told before is passed over, unless it is the end.
   * @throws ExportClosed when the job is no longer processing
   */
  recordSection(
    exportId: string,
    section: Section,
    progress: SectionProgress,
    part?: SectionPart,
  ): Promise<void>;
  /** @throws ExportClosed when the job is no longer processing */
  recordProgress(exportId: string, progress: number, phase: Phase): Promise<void>;
  /** Again with the same package is fine. @throws ExportClosed */
  complete(job: CompletedJob): Promise<void>;
  /** @throws ExportStateConflict when the job has ended already */
  fail(job: FailedJob): Promise<void>;
  /** From completed. @throws ExportStateConflict */
  expire(job: ExpiredJob): Promise<void>;
  /** @throws ExportStateConflict when the job is being erased already, or is gone */
  startDeleting(job: DeletingJob): Promise<void>;
  /** Replaces a deleting job by what must be left of it. @throws ExportStateConflict */
  bury(tombstone: Tombstone): Promise<void>;
  /**
   * Puts further events into the outbox of a completed job; from `dueAt` (epoch ms) on the sweeper publishes them.
   * @throws ExportStateConflict
   */
  addPendingEvents(exportId: string, events: Readonly<Record<string, string>>, dueAt: number): Promise<void>;
  removePendingEvents(exportId: string, eventIds: readonly string[]): Promise<void>;
}

/** Which exports of a user are active, so that one user cannot crowd out the others. */
export interface ActiveExports {
  /** Takes a place for the export, or finds that it has one. False when all `cap` places are taken. */
  reserve(userId: string, exportId: string, limits: { cap: number; now: number }): Promise<boolean>;
  /** Those who hold a place, read consistently: when each was reserved (epoch ms), by export id. */
  members(userId: string): Promise<ReadonlyMap<string, number>>;
  release(userId: string, exportIds: readonly string[]): Promise<void>;
  /** The same as `members` for a row that is due, of which nobody knows whose it is. */
  membersOfRow(row: DueRow): Promise<ReadonlyMap<string, number>>;
  /** Frees a place unless it was taken anew since `reservedAt`. */
  dropFromRow(row: DueRow, exportId: string, reservedAt: number): Promise<void>;
}

/** A row of the export jobs table that somebody must look at. */
export interface DueRow {
  /** What the row is about: an export, or the places of a user's active exports. */
  readonly about: 'export' | 'places';
  /** The row's key; an export's is its id. */
  readonly key: string;
  /** Epoch ms. */
  readonly dueAt: number;
  /** How often in a row somebody has taken it without putting it back. */
  readonly setbacks: number;
}

/** The rows of the export jobs table by when somebody must look at them next. */
export interface DueRows {
  /** Those due at `now` (epoch ms), the longest overdue first. The index behind it may lag. */
  find(now: number, limit: number): Promise<readonly DueRow[]>;
  /**
   * Takes a row: unless it is put back before, it is due again at `until` (epoch ms), whatever becomes of who took it.
   * Undefined when the row has changed, or somebody else has taken it.
   */
  take(row: DueRow, until: number): Promise<DueRow | undefined>;
  /**
   * Puts a taken row back, due at `dueAt` (epoch ms) or not at all. Does nothing when it was written to meanwhile: then
   * that write says when it is due.
   */
  putBack(taken: DueRow, dueAt: number | undefined): Promise<void>;
}

/** How far the search for orphaned objects has come, kept from one sweep to the next. */
export interface OrphanSearch {
  /** The key it goes on after; undefined at the beginning. */
  position(): Promise<string | undefined>;
  moveTo(position: string | undefined): Promise<void>;
}

/** A stored item, written as the data contract says. */
export interface SourceRecord {
  /** One JSON object in UTF-8, without line breaks. */
  readonly json: Uint8Array;
  readonly primaryKey: string;
  /** The index's sort key as text; empty where the index has none. */
  readonly sortKey: string;
  /** An attribute that the data contract names, as `JSON.parse` gives it; undefined where the item has none. */
  value(name: string): unknown;
}

export interface StatementFileSize {
  readonly fileSize: number;
  readonly transactionCount: number;
}

/** The transactions of the outermost index page at one end of them all; dates in epoch ms. */
export interface EndPage {
  readonly count: number;
  /** Of the transaction in the middle of the page. */
  readonly middle: number;
  /** Of the transaction next to those that are not on the page. */
  readonly inner: number;
}

/** The two ends of a user's transactions by date, which may overlap. */
export interface TransactionEnds {
  readonly first: EndPage;
  readonly last: EndPage;
}

/** The household application's tables: read by index, never changed. */
export interface HouseholdSource {
  /** @throws IndexIncomplete when an index that these sections are read from cannot show every item whole */
  assertComplete(sections: readonly Section[]): Promise<void>;
  /** The user's selected items as an index yields them, a page at a time: by sort key; items with equal sort keys in any order. */
  pages(section: Section, userId: string, selection: Selection): AsyncIterable<readonly SourceRecord[]>;
  /**
   * The first and the last index page of a user's transactions within the selection's dates; undefined where one page
   * holds all of them. Neither accounts nor categories are looked at.
   */
  transactionEnds(userId: string, selection: Selection): Promise<TransactionEnds | undefined>;
  /** The selected items of the first index pages, of which it reads no more than `most`, and whether those are surely all. */
  first(
    section: Section,
    userId: string,
    selection: Selection,
    most: number,
  ): Promise<{ records: readonly SourceRecord[]; whole: boolean }>;
  /** How many items those are. */
  count(
    section: Section,
    userId: string,
    selection: Selection,
    most: number,
  ): Promise<{ count: number; whole: boolean }>;
}

/** An object, or an upload that was not finished. */
export interface Stored {
  readonly key: string;
  /** Epoch ms: written, or begun. */
  readonly since: number;
}

/** An object as it was when it was opened: whoever reads or joins it later gets these bytes or an error. */
export interface StoredObject extends RandomAccessSource {
  readonly key: string;
  /** Changes with the content (in S3 the ETag). */
  readonly version: string;
}

/** Part of a stored object; `start` and `length` in bytes, all of them inside it. */
export interface StoredBytes {
  readonly source: StoredObject;
  readonly start: number;
  readonly length: number;
}

/** What an object can be joined of: bytes that are stored, and bytes at hand, which must not be changed any more. */
export type Piece = StoredBytes | Uint8Array;

/** The bucket that holds interim objects and packages. */
export interface ArtifactStore {
  /**
   * The same bucket; `write`, `join` and all reading fail with the signal's reason soon after it is aborted, and leave neither
   * object nor upload. Without a signal nothing is different.
   */
  until(signal: AbortSignal | undefined): ArtifactStore;
  /** Streams into one object that appears whole or not at all; its size in bytes and SHA-256 in hex. */
  write(
    key: string,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    contentType: string,
  ): Promise<{ bytes: number; sha256: string }>;
  /** @throws InterimCorrupted when the object is not there */
  read(key: string): Promise<Readable>;
  /** Opens an object for reading parts of it, all of the same version. @throws InterimCorrupted when it is not there, or replaced meanwhile */
  open(key: string): Promise<StoredObject>;
  /**
   * Joins pieces, in order, into one object that appears whole or not at all; its size in bytes and the CRC-64/NVME, in
   * base64, that the storage computed over it. Long stored pieces never pass through the caller.
   * @throws InterimCorrupted when a stored piece is gone or was replaced
   * @throws RangeError when a piece reaches beyond its object, or there are more than one object can be made of
   */
  join(
    key: string,
    pieces: AsyncIterable<Piece> | Iterable<Piece>,
    contentType: string,
  ): Promise<{ bytes: number; crc64nvme: string }>;
  exists(key: string): Promise<boolean>;
  remove(key: string): Promise<void>;
  /** One page of what is stored, in the order of keys, after a key; `next` is where to go on, if there is more. */
  list(after: string | undefined): Promise<{ stored: readonly Stored[]; next: string | undefined }>;
  /** Some of the multipart uploads that are open, the first in the order of keys. */
  openUploads(): Promise<readonly Stored[]>;
  /** Removes all objects and open multipart uploads under the prefix, except one key. */
  purge(prefix: string, except?: string): Promise<void>;
  /**
   * A link that saves under `fileName` and works for `seconds`, or for less where our own session ends before; the answer
   * says how long. Never to be stored or logged.
   */
  signDownload(
    key: string,
    link: { fileName: string; seconds: number },
  ): Promise<{ url: string; seconds: number }>;
}

/** A body that fails was not the whole file, or not of one version of it: what was read of it must be given up. */
export type StatementFile =
  { readonly found: true; readonly body: Readable } | { readonly found: false; readonly code: OmissionCode };

/** The bucket that holds users' uploaded statement files. */
export interface StatementFiles {
  /** Opens a file of this user; a key outside the user's own prefix is never read. */
  open(userId: string, s3Key: string | undefined): Promise<StatementFile>;
}

export interface EventPublisher {
  /** Publishes each event, given as the outbox holds it; the ids of those that were accepted. */
  publish(events: Readonly<Record<string, string>>): Promise<readonly string[]>;
}

/** Why an execution is stopped, as operators find it in its history. */
export type StopReason = 'ExportDeleted' | 'ExportFailed';

export interface Workflow {
  /**
   * Starts the export's one execution; again is fine while it runs or when it has succeeded. After `ServiceUnavailable` it
   * may run or not; after any other error it does not, and never will.
   * @throws ExecutionEnded when it ran and did not succeed
   */
  start(exportId: string): Promise<void>;
  /** Stops it when it runs; fine when it does not. */
  stop(exportId: string, reason: StopReason): Promise<void>;
  /** Eventually consistent: what happened a moment ago may not show. */
  executionOf(exportId: string): Promise<Execution>;
}

/**
 * What operators watch: numbers, never whose. A function may die between its write and its record, and an attempt that was
 * thought dead may repeat one, so these are for graphs and alarms, not for accounts.
 */
export interface Metrics {
  /** All of one occasion; those of a failure are counted by its category and by its code too. */
  record(measurements: Measurements, failure?: Pick<Failure, 'category' | 'code'>): void;
}

/** An export as lines of a log name it; of its user they tell a hash alone. */
export type LogSubject = Partial<Pick<ExportJob, 'exportId' | 'userId' | 'correlationId'>>;

/** What a use-case has to say to operators: never amounts, descriptions, names, links or tokens. */
export interface Log {
  /** Whom the lines that follow are about: nobody any more whom lines before were about. */
  about(subject: LogSubject): void;
  info(message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
  warn(message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
  /** Tells an error by name and by our own message; a foreign error's message may hold a user's data. */
  failure(
    message: string,
    error: unknown,
    fields?: Readonly<Record<string, string | number | boolean>>,
  ): void;
}
