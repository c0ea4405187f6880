import type { BenchCase } from './bench-case.ts';
import { bundles } from './cases/bundles.ts';
import { cost } from './cases/cost.ts';
import { large, largeEntry, manyFiles } from './cases/large.ts';
import { segments } from './cases/segments.ts';

/** Every case, in the order in which they run. */
export const BENCH_CASES: readonly BenchCase[] = [bundles, segments, cost, large, manyFiles, largeEntry];
