import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { ExportClosed, ServiceUnavailable } from '../../../../shared/domain/errors.ts';
import type { ExportJob, Tombstone } from '../../../../shared/domain/export-job.ts';
import { interimPrefix, sectionKey } from '../../../../shared/domain/package-layout.ts';
import type { SectionProgress } from '../../../../shared/domain/section-progress.ts';
import type { SourceRecord } from '../../../../shared/ports.ts';
import { createCollectSection, type Companion } from '../../../../shared/use-cases/collect-section.ts';
import {
  A_USER,
  aCompletedJob,
  aCompleteRequest,
  aDeletingJob,
  anExportRun,
  anInitiatedJob,
  aProcessingJob,
  aRecord,
  aTombstone,
} from '../../../support/export-builders.ts';
import { InMemoryArtifactStore } from '../../../support/in-memory-artifact-store.ts';
import { InMemoryHousehold } from '../../../support/in-memory-household.ts';
import { InMemoryJobStore } from '../../../support/in-memory-job-store.ts';
import { SettableClock } from '../../../support/recording-ports.ts';

/** A clock on which every look takes the given time. */
class RunningClock extends SettableClock {
  readonly #step: number;

  constructor(stepMs: number) {
    super();
    this.#step = stepMs;
  }

  override now(): number {
    return (this.instant += this.#step);
  }
}

const setUp = (pages: readonly (readonly SourceRecord[])[], clock = new SettableClock()) => {
  const job = aProcessingJob();
  const jobs = new InMemoryJobStore(job);
  const artifacts = new InMemoryArtifactStore();
  const source = new InMemoryHousehold({ accounts: pages });
  const run = anExportRun({ exportId: job.exportId });
  const collectFor = (store: InMemoryJobStore, companion?: Companion) =>
    createCollectSection('accounts', { source, artifacts, jobs: store, clock })(
      run,
      { attemptId: 'attempt-1' },
      companion === undefined ? {} : { companion },
    );
  return {
    ...{ job, jobs, artifacts, source, run },
    key: sectionKey(run, 'accounts', 'attempt-1'),
    collectFor,
    collect: (companion?: Companion) => collectFor(jobs, companion),
    erase: () => jobs.put(aDeletingJob({ exportId: job.exportId })),
    progress: async (): Promise<SectionProgress | undefined> => {
      const found = await jobs.find(job.exportId);
      return found?.status === 'processing' ? found.sections['accounts'] : undefined;
    },
  };
};

describe('collecting a section', () => {
  it('writes an array with one record a line, in order, and tells what it wrote', async () => {
    const { collect, artifacts, key, progress, source } = setUp([
      [aRecord('b', '1'), aRecord('a', '1')],
      [],
      [aRecord('c', '2', { text: 'line\u2028separator' })],
    ]);
    const result = await collect();
    const text = '[\n{"id":"a"},\n{"id":"b"},\n{"id":"c","text":"line\u2028separator"}\n]\n';
    expect(artifacts.text(key)).toBe(text);
    expect(JSON.parse(text)).toHaveLength(3);
    expect(result).toEqual({
      section: 'accounts',
      requested: true,
      key,
      count: 3,
      bytes: Buffer.byteLength(text),
      sha256: createHash('sha256').update(text).digest('hex'),
    });
    expect(await progress()).toEqual({ count: 3, bytes: Buffer.byteLength(text), done: true });
    expect([...source.usersAsked]).toEqual([A_USER]);
  });

  it.each([[[]], [[[]]], [[[], []]]])('writes an empty array when there is nothing: %j', async (pages) => {
    const { collect, artifacts, key } = setUp(pages);
    expect(await collect()).toMatchObject({ count: 0, bytes: 3 });
    expect(artifacts.text(key)).toBe('[]\n');
  });

  it('gives the same bytes for the same records in another order of ties', async () => {
    const one = setUp([[aRecord('a', '1'), aRecord('b', '1')]]);
    const other = setUp([[aRecord('b', '1')], [aRecord('a', '1')]]);
    await one.collect();
    await other.collect();
    expect(other.artifacts.text(other.key)).toBe(one.artifacts.text(one.key));
  });

  it('reads and writes nothing when the section is not wanted', async () => {
    const { collect, artifacts, source, run } = setUp([[aRecord('a')]]);
    run.sections.splice(run.sections.indexOf('accounts'), 1);
    expect(await collect()).toEqual({ section: 'accounts', requested: false });
    expect(artifacts.keys()).toEqual([]);
    expect(source.pagesRead).toEqual({});
  });

  it('shows every record to a companion, once and in order, and writes it before the section is done', async () => {
    const seen: string[] = [];
    const { collect, artifacts, progress } = setUp([
      [aRecord('b', '1'), aRecord('a', '1')],
      [aRecord('c', '2')],
    ]);
    let doneBefore: boolean | undefined;
    const write = artifacts.write.bind(artifacts);
    artifacts.write = async (writtenKey, content) => {
      if (writtenKey === 'companion') doneBefore = (await progress())?.done ?? false;
      return write(writtenKey, content);
    };
    await collect({
      key: 'companion',
      observe: ({ primaryKey }) => void seen.push(primaryKey),
      content: () => [Buffer.from(seen.join())],
    });
    expect(artifacts.text('companion')).toBe('a,b,c');
    expect(doneBefore).toBe(false);
  });

  it('tells how far it is while it runs', async () => {
    const told: (SectionProgress | undefined)[] = [];
    const pages = [[aRecord('a', '1')], [aRecord('b', '2')], [aRecord('c', '3')]];
    const { collect, progress, jobs } = setUp(pages, new RunningClock(600));
    const recordSection = jobs.recordSection.bind(jobs);
    jobs.recordSection = async (...written) => {
      await recordSection(...written);
      told.push(await progress());
    };
    await collect();
    expect(told.length).toBeGreaterThan(1);
    expect(told.at(0)).toMatchObject({ done: false });
    expect(told.at(-1)).toMatchObject({ count: 3, done: true });
  });

  it('removes its object when the export was closed by the time it is done', async () => {
    const { collect, artifacts, source, erase } = setUp([[aRecord('a')]]);
    const pages = source.pages.bind(source);
    source.pages = async function* (...asked) {
      yield* pages(...asked);
      erase();
    };
    await expect(collect()).rejects.toBeInstanceOf(ExportClosed);
    expect(artifacts.keys()).toEqual([]);
  });

  it('stops in the middle when it finds the export closed, and leaves nothing', async () => {
    const wanted = Array.from({ length: 50 }, (_, at) => [aRecord(String(at), String(at).padStart(2, '0'))]);
    const { collect, artifacts, source, erase } = setUp(wanted, new RunningClock(1_500));
    const pages = source.pages.bind(source);
    source.pages = async function* (...asked) {
      erase();
      yield* pages(...asked);
    };
    await expect(collect()).rejects.toBeInstanceOf(ExportClosed);
    expect(artifacts.keys()).toEqual([]);
    expect(source.pagesRead.accounts).toBeGreaterThan(0);
    expect(source.pagesRead.accounts).toBeLessThan(10);
  });

  it.each<[string, ((exportId: string) => ExportJob | Tombstone) | undefined]>([
    ['gone', undefined],
    ['not begun', (exportId) => anInitiatedJob({ exportId })],
    ['completed', (exportId) => aCompletedJob({ exportId })],
    ['being erased', (exportId) => aDeletingJob({ exportId })],
    ['erased', (exportId) => aTombstone({ exportId })],
  ])('reads nothing for an export that is %s', async (_, rowOf) => {
    const { source, artifacts, run, collectFor } = setUp([[aRecord('a')]]);
    const jobs = new InMemoryJobStore(...(rowOf === undefined ? [] : [rowOf(run.exportId)]));
    await expect(collectFor(jobs)).rejects.toBeInstanceOf(ExportClosed);
    expect(source.pagesRead).toEqual({});
    expect(artifacts.keys()).toEqual([]);
  });

  it('takes what the job selects, which its run does not tell', async () => {
    const { job, jobs, collect, artifacts, key } = setUp([
      [aRecord('r1', '1', { accountId: 'a' }), aRecord('r2', '2', { accountId: 'b' })],
      [aRecord('r3', '3', { accountId: 'c' }), aRecord('r4', '4', {})],
    ]);
    jobs.put({ ...job, parameters: aCompleteRequest({ exportType: 'selective', accountIds: ['a', 'c'] }) });
    expect(await collect()).toMatchObject({ count: 2 });
    expect(JSON.parse(artifacts.text(key))).toMatchObject([{ id: 'r1' }, { id: 'r3' }]);
  });

  it('leaves nothing when the source fails in the middle, and lets its error through', async () => {
    const { collect, artifacts, source, progress, run } = setUp([[aRecord('a')]]);
    source.failure = new ServiceUnavailable('A table did not answer.');
    await expect(collect()).rejects.toBe(source.failure);
    expect(artifacts.keys().filter((key) => key.startsWith(interimPrefix(A_USER, run.exportId)))).toEqual([]);
    expect((await progress())?.done).not.toBe(true);
  });

  it('keeps its object when only telling so failed, for the retry is told by its own name', async () => {
    const { collect, artifacts, jobs, key } = setUp([[aRecord('a')]]);
    jobs.recordSection = () => Promise.reject(new ServiceUnavailable('The table did not answer.'));
    await expect(collect()).rejects.toBeInstanceOf(ServiceUnavailable);
    expect(artifacts.keys()).toEqual([key]);
  });
});
