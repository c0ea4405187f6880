import { ExportClosed } from '../domain/errors.ts';
import { sectionKey } from '../domain/package-layout.ts';
import type { Section } from '../domain/sections.ts';
import { selectionOf, type Selection } from '../domain/selection.ts';
import type { ArtifactStore, Clock, HouseholdSource, JobStore, SourceRecord } from '../ports.ts';
import type { ExportRun, SectionResult, StepAttempt, TransactionPart } from '../workflow/contracts.ts';
import { inRecordOrder } from './in-record-order.ts';
import { ownSelection } from './own-selection.ts';

export interface CollectDependencies {
  readonly source: HouseholdSource;
  readonly artifacts: ArtifactStore;
  readonly jobs: JobStore;
  readonly clock: Clock;
}

/** A second object that a collector writes: it sees each record on its way, and is there before the section is done. */
export interface Companion {
  readonly key: string;
  readonly observe: (record: SourceRecord) => void;
  readonly content: () => Iterable<Uint8Array>;
}

/** What some collectors do beside. */
export interface CollectOptions {
  /** Collects one of the run's parts alone. */
  readonly part?: TransactionPart;
  readonly companion?: Companion;
}

/** How often a running collector tells how far it is, in ms: often enough to watch, rare enough to cost nothing. */
const REPORT_INTERVAL_MS = 1000;

/** One record a line: what reads a section back can do so line by line, in flat memory. */
const RECORD_SEPARATOR = Buffer.from(',\n');
const OPENING = Buffer.from('[\n');

/** Each record's JSON, what opens the text before the first and a separator before each other. */
const joined = (records: readonly SourceRecord[], opening: Uint8Array): Uint8Array => {
  const texts = records.map(({ json }) => json);
  const text = Buffer.allocUnsafe(
    texts.reduce((sum, { length }) => sum + RECORD_SEPARATOR.length + length, opening.length) -
      RECORD_SEPARATOR.length,
  );
  let end = 0;
  for (const [index, json] of texts.entries()) {
    const before = index === 0 ? opening : RECORD_SEPARATOR;
    text.set(before, end);
    text.set(json, end + before.length);
    end += before.length + json.length;
  }
  return text;
};

/**
 * What the export selects, from its job: a request may name more ids than Step Functions lets a state hand on.
 * @throws ExportClosed
 */
const selectionOfRun = async (
  jobs: CollectDependencies['jobs'],
  { exportId }: ExportRun,
): Promise<Selection> => {
  const job = await jobs.find(exportId);
  if (job?.status !== 'processing') throw new ExportClosed('The export is no longer in progress.');
  return selectionOf(job.parameters);
};

/** Collects one section of a user's data, or a part of it, into one interim JSON object: an array with one record a line. */
export const createCollectSection =
  (section: Section, { source, artifacts: bucket, jobs, clock }: CollectDependencies) =>
  async (
    run: ExportRun,
    { attemptId, signal }: StepAttempt,
    { part, companion }: CollectOptions = {},
  ): Promise<SectionResult> => {
    if (!run.sections.includes(section)) return { section, requested: false };

    const artifacts = bucket.until(signal);
    const wanted = await selectionOfRun(jobs, run);
    const selected = await ownSelection(source, section, run.userId, wanted);
    const selection = part === undefined ? selected : { ...selected, datePart: part };
    const place = part === undefined ? undefined : { index: part.index, of: run.transactionParts.length };
    const collected = { count: 0, bytes: 0 };
    const report = (done: boolean) =>
      jobs.recordSection(run.exportId, section, { ...collected, done }, place);

    async function* sectionText(): AsyncGenerator<Uint8Array> {
      let reportedAt = clock.now();
      for await (const records of inRecordOrder(source.pages(section, run.userId, selection))) {
        if (records.length === 0) continue;
        if (companion !== undefined) records.forEach(companion.observe);
        const text = joined(records, collected.count === 0 ? OPENING : RECORD_SEPARATOR);
        collected.count += records.length;
        collected.bytes += text.length;
        yield text;
        if (clock.now() - reportedAt >= REPORT_INTERVAL_MS) {
          await report(false);
          reportedAt = clock.now();
        }
      }
      yield Buffer.from(collected.count === 0 ? '[]\n' : '\n]\n');
    }

    const key = sectionKey(run, section, attemptId);
    const { bytes, sha256 } = await artifacts.write(key, sectionText(), 'application/json');
    collected.bytes = bytes;
    if (companion !== undefined)
      await artifacts.write(companion.key, companion.content(), 'application/json');
    try {
      await report(true);
    } catch (error) {
      if (error instanceof ExportClosed) {
        await artifacts.remove(key);
        if (companion !== undefined) await artifacts.remove(companion.key);
      }
      throw error;
    }
    return { section, requested: true, key, count: collected.count, bytes, sha256 };
  };
