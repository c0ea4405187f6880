import { createCollectSection, type CollectDependencies } from '../../shared/use-cases/collect-section.ts';

export const createCollectCategories = (dependencies: CollectDependencies) =>
  createCollectSection('categories', dependencies);
