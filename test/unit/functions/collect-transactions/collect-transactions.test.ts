import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { createCollectTransactions } from '../../../../functions/collect-transactions/collect-transactions.ts';
import type { JsonRecord } from '../../../../shared/domain/json-record.ts';
import { progressBySection } from '../../../../shared/domain/section-progress.ts';
import { tallyKey } from '../../../../shared/domain/package-layout.ts';
import { compareDates } from '../../../../shared/domain/selection.ts';
import {
  mergeTallies,
  TransactionTally,
  transactionTally,
} from '../../../../shared/domain/transaction-tally.ts';
import { ParsedRecord } from '../../../../shared/use-cases/parsed-record.ts';
import type { TransactionPart } from '../../../../shared/workflow/contracts.ts';
import {
  aCompleteRequest,
  aDeletingJob,
  anExportRun,
  aProcessingJob,
  aRecord,
} from '../../../support/export-builders.ts';
import { InMemoryArtifactStore } from '../../../support/in-memory-artifact-store.ts';
import { InMemoryHousehold } from '../../../support/in-memory-household.ts';
import { InMemoryJobStore } from '../../../support/in-memory-job-store.ts';
import { SettableClock } from '../../../support/recording-ports.ts';

const aTransaction = (transactionId: string, date: string, fields: object) =>
  aRecord(transactionId, date, { transactionId, date: Number(date), ...fields });

const PART = { index: 0 };

const collected = async (sections = anExportRun().sections) => {
  const job = aProcessingJob();
  const artifacts = new InMemoryArtifactStore();
  const source = new InMemoryHousehold({
    transactions: [
      [
        aTransaction('t2', '1700000000000', { accountId: 'a', amount: '-0.1', fileId: '__proto__' }),
        aTransaction('t1', '1700000000000', { accountId: 'a', amount: '0.3', balance: '5' }),
      ],
      [aTransaction('t3', '1800000000000', { accountId: 'b', currency: 'EUR', amount: 5 })],
    ],
  });
  const run = anExportRun({ exportId: job.exportId, sections });
  const dependencies = { source, artifacts, jobs: new InMemoryJobStore(job), clock: new SettableClock() };
  const result = await createCollectTransactions(dependencies)(
    { run, part: PART },
    { attemptId: 'attempt-1' },
  );
  return { run, result, artifacts };
};

describe('collecting transactions', () => {
  it('leaves a tally that can be had again from the text of the section', async () => {
    const { run, result, artifacts } = await collected();
    const key = tallyKey(run, 'transactions', 'attempt-1');
    expect(result).toMatchObject({ requested: true, count: 3, tallyKey: key });
    const again = new TransactionTally();
    const lines = artifacts
      .text(result.requested ? result.key : '')
      .split('\n')
      .slice(1, -2);
    for (const line of lines) again.add(JSON.parse(line.replace(/,$/, '')) as JsonRecord);
    const tally = transactionTally.parse(JSON.parse(artifacts.text(key)));
    expect(tally).toEqual(again.result());
    expect(tally).toMatchObject({
      count: 3,
      byMonth: { '2023-11': 2, '2027-01': 1 },
      references: { fileId: [{ id: '__proto__', count: 1, first: 't2' }] },
      controlTotals: [
        { accountId: 'a', currency: null, net: '0.2', lastBalance: '5', balanceMinusNet: '4.7' },
        { accountId: 'b', currency: 'EUR', count: 1, net: '0' },
      ],
      withoutAmount: { count: 1, first: 't3' },
    });
  });

  it('leaves nothing when transactions are not wanted', async () => {
    const { result, artifacts } = await collected(['accounts']);
    expect(result).toEqual({ section: 'transactions', requested: false });
    expect(artifacts.keys()).toEqual([]);
  });

  it('leaves neither records nor tally when the export is closed before all is written', async () => {
    const job = aProcessingJob();
    const [jobs, artifacts, clock] = [
      new InMemoryJobStore(job),
      new InMemoryArtifactStore(),
      new SettableClock(),
    ];
    const source = new InMemoryHousehold({ transactions: [[aTransaction('t1', '1', { amount: '1' })]] });
    const collect = createCollectTransactions({ source, artifacts, jobs, clock });
    const write = artifacts.write.bind(artifacts);
    for (const closedBefore of ['.json', '.tally.json']) {
      jobs.put(job);
      artifacts.write = async (key, content) => {
        if (key.endsWith(closedBefore)) jobs.put(aDeletingJob({ exportId: job.exportId }));
        return write(key, content);
      };
      const run = anExportRun({ exportId: job.exportId });
      await expect(collect({ run, part: PART }, { attemptId: '1' })).rejects.toMatchObject({
        name: 'ExportClosed',
      });
      expect([closedBefore, artifacts.keys()]).toEqual([closedBefore, []]);
    }
  });
});

describe('collecting transactions in parts', () => {
  const booking = fc.record({
    transactionId: fc.string({ unit: fc.constantFrom('a', 'b', 'c', '😀'), minLength: 1, maxLength: 6 }),
    // Digits that a double does not hold, and dates that tie.
    date: fc
      .tuple(
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom('', '.5', '.00000000000000000001', '.99999999999999999999'),
      )
      .map(([whole, fraction]) => `${whole}${fraction}`),
    accountId: fc.constantFrom('a', 'b'),
    amount: fc.constantFrom('1', '-0.1', '25'),
    balance: fc.option(fc.constantFrom('5', '6', '4.9'), { nil: undefined }),
    importOrder: fc.option(fc.nat(3), { nil: undefined }),
  });
  const bookings = fc.uniqueArray(booking, { selector: ({ transactionId }) => transactionId, maxLength: 40 });
  const seams = fc.uniqueArray(fc.integer({ min: 0, max: 8 }), { maxLength: 5 });

  const pagesOf = (drawn: readonly (typeof bookings extends fc.Arbitrary<(infer T)[]> ? T : never)[]) => {
    const records = drawn
      .toSorted((a, b) => compareDates(a.date, b.date))
      .map(({ date, ...fields }) => {
        // As the source writes it: with every digit.
        const text = JSON.stringify({ date: 0, ...fields }).replace('"date":0', `"date":${date}`);
        return new ParsedRecord({ primaryKey: fields.transactionId, sortKey: date, text });
      });
    return [records.slice(0, 7), records.slice(7, 9), records.slice(9)];
  };

  const partsBetween = (cuts: readonly number[]): TransactionPart[] => {
    const sorted = cuts.toSorted((a, b) => a - b);
    return [undefined, ...sorted].map((from, index) => ({ index, from, before: sorted[index] }));
  };

  const linesOf = (text: string): string[] => {
    expect(Array.isArray(JSON.parse(text))).toBe(true);
    if (text === '[]\n') return [];
    expect([text.slice(0, 2), text.slice(-3)]).toEqual(['[\n', '\n]\n']);
    return text.slice(2, -3).split(',\n');
  };

  const collectParts = async (pages: ReturnType<typeof pagesOf>, parts: readonly TransactionPart[]) => {
    const job = aProcessingJob();
    const [jobs, artifacts] = [new InMemoryJobStore(job), new InMemoryArtifactStore()];
    const source = new InMemoryHousehold({ transactions: pages });
    const collect = createCollectTransactions({ source, artifacts, jobs, clock: new SettableClock() });
    const run = anExportRun({ exportId: job.exportId, transactionParts: [...parts] });
    const results = await Promise.all(
      parts.map((part) => collect({ run, part }, { attemptId: `attempt-${part.index}` })),
    );
    const written = results.map((result) => {
      if (!result.requested) throw new Error('Transactions were asked for.');
      const lines = linesOf(artifacts.text(result.key));
      const tally = transactionTally.parse(JSON.parse(artifacts.text(result.tallyKey ?? '')));
      expect([lines.length, tally.count]).toEqual([result.count, result.count]);
      return { lines, tally };
    });
    const stored = await jobs.find(job.exportId);
    return {
      keys: artifacts.keys(),
      lines: written.flatMap(({ lines }) => lines),
      tally: mergeTallies(written.map(({ tally }) => tally)),
      progress: progressBySection(stored !== undefined && 'sections' in stored ? stored.sections : {}),
    };
  };

  it('gives in order what one go gives, no record lost or doubled at the seams, and the same tally', async () => {
    await fc.assert(
      fc.asyncProperty(bookings, seams, async (drawn, cuts) => {
        const pages = pagesOf(drawn);
        const inParts = await collectParts(pages, partsBetween(cuts));
        const inOneGo = await collectParts(pages, [PART]);
        expect(inParts.lines).toEqual(inOneGo.lines);
        expect(inParts.lines).toHaveLength(drawn.length);
        expect(JSON.stringify(inParts.tally)).toBe(JSON.stringify(inOneGo.tally));
        expect(inParts.progress.transactions).toMatchObject({ count: drawn.length, done: true });
        expect(new Set(inParts.keys).size).toBe(2 * (cuts.length + 1));
      }),
      { numRuns: 200 },
    );
  });

  it('is not done as a section before all of its parts are', async () => {
    const job = aProcessingJob();
    const jobs = new InMemoryJobStore(job);
    const source = new InMemoryHousehold({
      transactions: [[aTransaction('t1', '1', {}), aTransaction('t2', '5', {}), aTransaction('t3', '6', {})]],
    });
    const artifacts = new InMemoryArtifactStore();
    const collect = createCollectTransactions({ source, artifacts, jobs, clock: new SettableClock() });
    const parts = partsBetween([5]);
    const run = anExportRun({ exportId: job.exportId, transactionParts: parts });
    const told = [];
    for (const part of parts.toReversed()) {
      await collect({ run, part }, { attemptId: String(part.index) });
      const [row] = jobs.all();
      told.push(row !== undefined && 'sections' in row ? progressBySection(row.sections).transactions : {});
    }
    expect(told).toMatchObject([
      { count: 2, done: false },
      { count: 3, done: true },
    ]);
  });

  it('takes of its dates what the export selects, and nothing for an account that is not the user’s', async () => {
    const request = aCompleteRequest({
      exportType: 'selective',
      accountIds: ['a', 'nobody’s'],
      dateRangeStart: 2,
      dateRangeEnd: 6,
    });
    const job = aProcessingJob({ parameters: request });
    const records = [1, 2, 3, 4, 5, 6, 7].flatMap((date) =>
      ['a', 'b', 'nobody’s'].map((accountId) =>
        aTransaction(`${accountId}${date}`, String(date), { accountId }),
      ),
    );
    const artifacts = new InMemoryArtifactStore();
    const collect = createCollectTransactions({
      source: new InMemoryHousehold({
        accounts: [[aRecord('a', '1', { accountId: 'a' }), aRecord('b', '1', { accountId: 'b' })]],
        transactions: [records],
      }),
      ...{ artifacts, jobs: new InMemoryJobStore(job), clock: new SettableClock() },
    });
    const parts = partsBetween([4]);
    const run = anExportRun({ exportId: job.exportId, transactionParts: parts });
    const ids: string[][] = [];
    for (const part of parts) {
      const result = await collect({ run, part }, { attemptId: String(part.index) });
      const text = artifacts.text(result.requested ? result.key : '');
      ids.push((JSON.parse(text) as { id: string }[]).map(({ id }) => id));
    }
    expect(ids).toEqual([
      ['a2', 'a3'],
      ['a4', 'a5', 'a6'],
    ]);
  });
});
