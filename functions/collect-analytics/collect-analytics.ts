import { createCollectSection, type CollectDependencies } from '../../shared/use-cases/collect-section.ts';

export const createCollectAnalytics = (dependencies: CollectDependencies) =>
  createCollectSection('analytics', dependencies);
