import { describe, expect, it } from '@jest/globals';
import { createCollectTransactions } from '../../../../functions/collect-transactions/collect-transactions.ts';
import { tallyKey } from '../../../../shared/domain/package-layout.ts';
import {
  transactionOf,
  TransactionTally,
  transactionTally,
} from '../../../../shared/domain/transaction-tally.ts';
import { aDeletingJob, anExportRun, aProcessingJob, aRecord } from '../../../support/export-builders.ts';
import { InMemoryArtifactStore } from '../../../support/in-memory-artifact-store.ts';
import { InMemoryHousehold } from '../../../support/in-memory-household.ts';
import { InMemoryJobStore } from '../../../support/in-memory-job-store.ts';
import { SettableClock } from '../../../support/recording-ports.ts';

const aTransaction = (transactionId: string, date: string, fields: object) =>
  aRecord(transactionId, date, { transactionId, date: Number(date), ...fields });

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
  const result = await createCollectTransactions(dependencies)(run, { attemptId: 'attempt-1' });
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
    for (const line of lines) again.add(transactionOf(line.replace(/,$/, '')));
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
      await expect(collect(run, { attemptId: '1' })).rejects.toMatchObject({ name: 'ExportClosed' });
      expect([closedBefore, artifacts.keys()]).toEqual([closedBefore, []]);
    }
  });
});
