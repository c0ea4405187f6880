import type { LocalSystem } from '../../../infra/local/local-system.ts';
import { MIB, medianOf, type BenchCase, type BenchRun, type ResultRow } from '../bench-case.ts';
import { benchHousehold, type HouseholdSize } from '../bench-household.ts';
import { startBenchSystem } from '../bench-system.ts';
import { exportFloor, floorRows } from '../export-floor.ts';
import { measuredExport, type MeasuredExport } from '../measured-export.ts';
import { DATA_ROW, LARGEST_PEAK_ROW } from '../memory-slope.ts';
import type { StageResult } from '../stage.ts';

const MOST_MEMORY_MIB = 256;
const MOST_EVENTS = 500;

interface ExportCase {
  readonly name: string;
  readonly about: string;
  readonly size: HouseholdSize;
}

interface RepeatedCase extends ExportCase {
  /** Whether an export must stay within twice the floor. */
  readonly heldToFloor: boolean;
  readonly mostSeconds?: number;
}

/** Whether the package holds what was seeded; the verifier compares it only with itself. */
const assertAllThere = ({ verified }: MeasuredExport, { transactions, files }: HouseholdSize): void => {
  const { counts } = verified.manifest;
  const found = { transactions: counts.transactions?.included, files: counts.transactionFiles?.included };
  if (found.transactions === transactions && found.files === files) return;
  throw new Error(`The package does not hold all: ${JSON.stringify(found)}.`);
};

const cpuSecondsOf = ({ functions }: LocalSystem): number =>
  [...functions.cpuSeconds().values()].reduce((sum, seconds) => sum + seconds, 0);

interface Observed {
  readonly measured: MeasuredExport;
  /** Of all functions, while this export ran. */
  readonly cpuSeconds: number;
}

const observe = async (
  system: LocalSystem,
  run: BenchRun,
  household: { userId: string; size: HouseholdSize },
) => {
  const cpuBefore = cpuSecondsOf(system);
  const measured = await measuredExport(system, household.userId, run);
  assertAllThere(measured, household.size);
  run.note(`Exported in ${measured.seconds.toFixed(2)} s.`);
  return { measured, cpuSeconds: cpuSecondsOf(system) - cpuBefore };
};

const phaseRows = (exports: readonly MeasuredExport[]): ResultRow[] =>
  [
    ...Map.groupBy(
      exports.flatMap(({ phases }) => phases),
      ({ name }) => name,
    ),
  ]
    .map(([name, phases]) => ({
      name: `  ${name}`,
      value: medianOf(phases.map(({ seconds }) => seconds)),
      unit: 's',
    }))
    .filter(({ value }) => value >= 0.01);

const packageRows = ({ history, packageBytes, verified, verifySeconds }: MeasuredExport): ResultRow[] => [
  { name: 'history events', value: history.length, unit: '', limit: MOST_EVENTS },
  { name: 'package', value: packageBytes / 1e6, unit: 'MB' },
  {
    name: DATA_ROW,
    value: verified.entries.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6,
    unit: 'MB',
  },
  { name: 'entries in it', value: verified.entries.length, unit: '' },
  { name: 'verified offline, right', value: verifySeconds, unit: 's' },
];

interface CpuSince {
  /** Seconds by function. */
  readonly before: ReadonlyMap<string, number>;
  readonly exports: number;
}

/** Peaks of all exports so far, and the mean CPU of those since. */
const functionRows = ({ functions }: LocalSystem, { before, exports }: CpuSince): ResultRow[] => {
  const peaks = [...functions.peakMemoryBytes()].filter(([, peak]) => peak > 0);
  const now = functions.cpuSeconds();
  const cpuSeconds = (name: string): number => ((now.get(name) ?? 0) - (before.get(name) ?? 0)) / exports;
  const largest = Math.max(...peaks.map(([, peak]) => peak)) / MIB;
  return [
    { name: LARGEST_PEAK_ROW, value: largest, unit: 'MiB', limit: MOST_MEMORY_MIB, plotted: true },
    ...peaks.flatMap(([name, peak]) => [
      { name: `${name}: peak memory`, value: peak / MIB, unit: 'MiB', limit: MOST_MEMORY_MIB },
      { name: `${name}: CPU of an export`, value: cpuSeconds(name), unit: 's' },
    ]),
  ];
};

const repeatedRows = (
  { heldToFloor, mostSeconds }: RepeatedCase,
  [first, ...warm]: readonly Observed[],
  floors: readonly StageResult[],
): ResultRow[] => {
  const exports = warm.map(({ measured }) => measured);
  const seconds = medianOf(exports.map((measured) => measured.seconds));
  return [
    { name: 'first export', value: first?.measured.seconds ?? NaN, unit: 's' },
    {
      name: 'an export, from POST to completed',
      value: seconds,
      unit: 's',
      plotted: true,
      ...(mostSeconds === undefined ? {} : { limit: mostSeconds }),
    },
    ...phaseRows(exports),
    { name: 'CPU of functions', value: medianOf(warm.map(({ cpuSeconds }) => cpuSeconds)), unit: 's' },
    ...floorRows(floors, seconds, heldToFloor),
    ...exports.slice(0, 1).flatMap(packageRows),
  ];
};

/** Exports a household through the whole service again and again, in turns with the least that can be done instead. */
const measureRepeated = async (
  run: BenchRun,
  benchCase: RepeatedCase,
  size: HouseholdSize,
): Promise<ResultRow[]> => {
  const household = benchHousehold(size);
  const system = await startBenchSystem(run, household);
  try {
    const observed = [await observe(system, run, household)];
    const before = system.functions.cpuSeconds();
    const floors: StageResult[] = [];
    for (let repetition = 0; repetition < run.repetitions; repetition += 1) {
      run.signal.throwIfAborted();
      observed.push(await observe(system, run, household));
      const floor = await exportFloor(system, household, run);
      if (floor !== undefined) floors.push(floor);
      run.note(
        floor === undefined ? 'No floor: zip is not installed.' : `Floor: ${floor.seconds.toFixed(2)} s.`,
      );
    }
    return [
      ...repeatedRows(benchCase, observed, floors),
      ...functionRows(system, { before, exports: run.repetitions }),
    ];
  } finally {
    await system.close();
  }
};

/** Exports a household through the whole service once. */
const measureOnce = async (run: BenchRun, size: HouseholdSize): Promise<ResultRow[]> => {
  const household = benchHousehold(size);
  const system = await startBenchSystem(run, household);
  try {
    const { measured, cpuSeconds } = await observe(system, run, household);
    return [
      { name: 'an export, from POST to completed', value: measured.seconds, unit: 's', plotted: true },
      ...phaseRows([measured]),
      { name: 'CPU of functions', value: cpuSeconds, unit: 's' },
      ...packageRows(measured),
      ...functionRows(system, { before: new Map(), exports: 1 }),
    ];
  } finally {
    await system.close();
  }
};

const sizeFor = ({ given }: BenchRun, size: HouseholdSize): HouseholdSize => ({
  transactions: given.transactions ?? size.transactions,
  files: given.files ?? size.files,
  fileBytes: given.fileBytes ?? size.fileBytes,
  textFilesInHundred: size.textFilesInHundred,
});

const repeated = (benchCase: RepeatedCase): BenchCase => ({
  name: benchCase.name,
  about: benchCase.about,
  measure: (run) => measureRepeated(run, benchCase, sizeFor(run, benchCase.size)),
});

const once = ({ name, about, size }: ExportCase): BenchCase => ({
  name,
  about,
  measure: (run) => measureOnce(run, sizeFor(run, size)),
});

/** Statements of a bank: half of them text, half PDF. */
const STATEMENTS = { fileBytes: 50_000, textFilesInHundred: 50 };

export const small = repeated({
  name: 'small',
  about: 'Exports of 1,000 transactions and 20 files of 50 kB.',
  size: { transactions: 1_000, files: 20, ...STATEMENTS },
  heldToFloor: false,
});

export const typical = repeated({
  name: 'typical',
  about: 'Exports of 10,000 transactions and 200 files of 50 kB.',
  size: { transactions: 10_000, files: 200, ...STATEMENTS },
  heldToFloor: true,
});

export const large = repeated({
  name: 'large',
  about: 'Exports of 100,000 transactions and 1,000 files of 50 kB.',
  size: { transactions: 100_000, files: 1_000, ...STATEMENTS },
  heldToFloor: true,
  /** A quarter of what the service before this one took. */
  mostSeconds: 10.5,
});

export const huge = once({
  name: 'huge',
  about: 'One export of a million transactions and 2 GB of files, half of them text.',
  size: { transactions: 1_000_000, files: 20_000, fileBytes: 100_000, textFilesInHundred: 50 },
});

export const manyFiles = once({
  name: 'many-files',
  about: '70,000 small files, which a ZIP lists in ZIP64 only.',
  size: { transactions: 1_000, files: 70_000, fileBytes: 2_000, textFilesInHundred: 50 },
});

export const largeEntry = once({
  name: 'large-entry',
  about: 'One file above 4 GiB that does not pack.',
  size: { transactions: 1_000, files: 1, fileBytes: 4_500_000_000, textFilesInHundred: 0 },
});
