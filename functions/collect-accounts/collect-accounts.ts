import { createCollectSection, type CollectDependencies } from '../../shared/use-cases/collect-section.ts';

export const createCollectAccounts = (dependencies: CollectDependencies) =>
  createCollectSection('accounts', dependencies);
