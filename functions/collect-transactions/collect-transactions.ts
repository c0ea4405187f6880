import { tallyKey } from '../../shared/domain/package-layout.ts';
import { TransactionTally } from '../../shared/domain/transaction-tally.ts';
import { createCollectSection, type CollectDependencies } from '../../shared/use-cases/collect-section.ts';
import type { ExportRun, SectionResult, StepAttempt } from '../../shared/workflow/contracts.ts';

/** Collects the transactions, and tallies on the way what the manifest says about them. */
export const createCollectTransactions = (dependencies: CollectDependencies) => {
  const collect = createCollectSection('transactions', dependencies);
  return async (run: ExportRun, attempt: StepAttempt): Promise<SectionResult> => {
    const tally = new TransactionTally();
    const result = await collect(run, attempt, ({ sortKey }) => tally.add(sortKey));
    if (!result.requested) return result;
    const key = tallyKey(run, 'transactions', attempt.attemptId);
    await dependencies.artifacts.write(key, tally.content(), 'application/json');
    return { ...result, tallyKey: key };
  };
};
