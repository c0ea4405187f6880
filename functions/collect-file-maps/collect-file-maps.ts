import { createCollectSection, type CollectDependencies } from '../../shared/use-cases/collect-section.ts';

export const createCollectFileMaps = (dependencies: CollectDependencies) =>
  createCollectSection('fileMaps', dependencies);
