import { createCollectSection, type CollectDependencies } from '../../shared/use-cases/collect-section.ts';

export const createCollectTransactionFiles = (dependencies: CollectDependencies) =>
  createCollectSection('transactionFiles', dependencies);
