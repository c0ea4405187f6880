import { tallyKey } from '../../shared/domain/package-layout.ts';
import { transactionOf, TransactionTally } from '../../shared/domain/transaction-tally.ts';
import type { SourceRecord } from '../../shared/ports.ts';
import { createCollectSection, type CollectDependencies } from '../../shared/use-cases/collect-section.ts';
import type {
  CollectTransactionsInput,
  SectionResult,
  StepAttempt,
} from '../../shared/workflow/contracts.ts';

/** Collects one part of the transactions, and tallies on the way what the manifest says about them. */
export const createCollectTransactions = (dependencies: CollectDependencies) => {
  const collect = createCollectSection('transactions', dependencies);
  return async ({ run, part }: CollectTransactionsInput, attempt: StepAttempt): Promise<SectionResult> => {
    const tally = new TransactionTally();
    const key = tallyKey(run, 'transactions', attempt.attemptId);
    const companion = {
      key,
      observe: ({ json }: SourceRecord) => tally.add(transactionOf(json)),
      content: () => [Buffer.from(JSON.stringify(tally.result()))],
    };
    const result = await collect(run, attempt, { part, companion });
    return result.requested ? { ...result, tallyKey: key } : result;
  };
};
