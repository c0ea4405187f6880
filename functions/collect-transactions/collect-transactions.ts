import type { JsonRecord } from '../../shared/domain/json-record.ts';
import { tallyKey } from '../../shared/domain/package-layout.ts';
import { TransactionTally } from '../../shared/domain/transaction-tally.ts';
import type { SourceRecord } from '../../shared/ports.ts';
import { createCollectSection, type CollectDependencies } from '../../shared/use-cases/collect-section.ts';
import type {
  CollectTransactionsInput,
  SectionResult,
  StepAttempt,
} from '../../shared/workflow/contracts.ts';

/** Written out, because it is done for every transaction. */
const tallied = (record: SourceRecord): JsonRecord => ({
  transactionId: record.value('transactionId'),
  accountId: record.value('accountId'),
  fileId: record.value('fileId'),
  date: record.value('date'),
  amount: record.value('amount'),
  currency: record.value('currency'),
  balance: record.value('balance'),
  importOrder: record.value('importOrder'),
  categories: record.value('categories'),
  primaryCategoryId: record.value('primaryCategoryId'),
});

/** Collects one part of the transactions, and tallies on the way what the manifest says about them. */
export const createCollectTransactions = (dependencies: CollectDependencies) => {
  const collect = createCollectSection('transactions', dependencies);
  return async ({ run, part }: CollectTransactionsInput, attempt: StepAttempt): Promise<SectionResult> => {
    const tally = new TransactionTally();
    const key = tallyKey(run, 'transactions', attempt.attemptId);
    const companion = {
      key,
      observe: (record: SourceRecord) => tally.add(tallied(record)),
      content: () => [Buffer.from(JSON.stringify(tally.result()))],
    };
    const result = await collect(run, attempt, { part, companion });
    return result.requested ? { ...result, tallyKey: key } : result;
  };
};
