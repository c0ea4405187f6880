import { tallyKey } from '../../shared/domain/package-layout.ts';
import { transactionOf, TransactionTally } from '../../shared/domain/transaction-tally.ts';
import { createCollectSection, type CollectDependencies } from '../../shared/use-cases/collect-section.ts';
import type { ExportRun, SectionResult, StepAttempt } from '../../shared/workflow/contracts.ts';

/** Collects the transactions, and tallies on the way what the manifest says about them. */
export const createCollectTransactions = (dependencies: CollectDependencies) => {
  const collect = createCollectSection('transactions', dependencies);
  return async (run: ExportRun, attempt: StepAttempt): Promise<SectionResult> => {
    const tally = new TransactionTally();
    const key = tallyKey(run, 'transactions', attempt.attemptId);
    const result = await collect(run, attempt, {
      key,
      observe: ({ json }) => tally.add(transactionOf(json)),
      content: () => [Buffer.from(JSON.stringify(tally.result()))],
    });
    return result.requested ? { ...result, tallyKey: key } : result;
  };
};
