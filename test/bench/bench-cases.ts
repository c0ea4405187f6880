import type { BenchCase } from './bench-case.ts';
import { bundles } from './cases/bundles.ts';
import { collect } from './cases/collect.ts';
import { cost } from './cases/cost.ts';
import { huge, large, largeEntry, manyFiles, small, typical } from './cases/exports.ts';
import { packaging } from './cases/package.ts';
import { segments } from './cases/segments.ts';
import { upload } from './cases/upload.ts';
import { verify } from './cases/verify.ts';
import { viewer } from './cases/viewer.ts';

/** Every case, in the order in which they run. */
export const BENCH_CASES: readonly BenchCase[] = [
  ...[small, typical, large, huge],
  ...[collect, packaging, verify, upload],
  ...[bundles, segments, cost, manyFiles, largeEntry],
  viewer,
];
