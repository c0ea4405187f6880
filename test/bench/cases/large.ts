import type { LocalSystem } from '../../../infra/local/local-system.ts';
import { MIB, type BenchCase, type BenchRun, type ResultRow } from '../bench-case.ts';
import { benchHousehold, type HouseholdSize } from '../bench-household.ts';
import { startBenchSystem } from '../bench-system.ts';
import { measuredExport, type MeasuredExport } from '../measured-export.ts';

const MOST_MEMORY_MIB = 256;
const MOST_EVENTS = 500;

/** Whether the package holds what was seeded; the verifier compares it only with itself. */
const assertAllThere = ({ verified }: MeasuredExport, { transactions, files }: HouseholdSize): void => {
  const { counts } = verified.manifest;
  const found = { transactions: counts.transactions?.included, files: counts.transactionFiles?.included };
  if (found.transactions === transactions && found.files === files) return;
  throw new Error(`The package does not hold all: ${JSON.stringify(found)}.`);
};

const exportRows = (measured: MeasuredExport): ResultRow[] => [
  { name: 'the execution', value: measured.seconds, unit: 's' },
  ...measured.phases.map(({ name, seconds }) => ({ name: `  ${name}`, value: seconds, unit: 's' })),
  { name: 'history events', value: measured.history.length, unit: '', limit: MOST_EVENTS },
  { name: 'package', value: measured.packageBytes / 1_000_000, unit: 'MB' },
  { name: 'entries in it', value: measured.verified.entries.length, unit: '' },
  { name: 'verified offline, right', value: measured.verifySeconds, unit: 's' },
];

const memoryRows = ({ functions }: LocalSystem): ResultRow[] => {
  const cpuSeconds = functions.cpuSeconds();
  return [...functions.peakMemoryBytes()]
    .filter(([, peak]) => peak > 0)
    .flatMap(([name, peak]) => [
      { name: `${name}: peak memory`, value: peak / MIB, unit: 'MiB', limit: MOST_MEMORY_MIB },
      { name: `${name}: CPU`, value: cpuSeconds.get(name) ?? 0, unit: 's' },
    ]);
};

/** Exports a household through the whole service, and tells what that took. */
const measureExport = async (run: BenchRun, size: HouseholdSize): Promise<ResultRow[]> => {
  const household = benchHousehold(size);
  const system = await startBenchSystem(run, household);
  try {
    const measured = await measuredExport(system, household.userId, run);
    assertAllThere(measured, size);
    return [...exportRows(measured), ...memoryRows(system)];
  } finally {
    await system.close();
  }
};

const exportOf = (name: string, about: string, size: HouseholdSize): BenchCase => ({
  name,
  about,
  measure: (run) => {
    const { transactions, files, fileBytes } = run.given;
    return measureExport(run, {
      transactions: transactions ?? size.transactions,
      files: files ?? size.files,
      fileBytes: fileBytes ?? size.fileBytes,
      textFilesInHundred: size.textFilesInHundred,
    });
  },
});

export const large = exportOf('large', 'One million transactions and 2 GB of files, half of them text.', {
  transactions: 1_000_000,
  files: 20_000,
  fileBytes: 100_000,
  textFilesInHundred: 50,
});

export const manyFiles = exportOf('many-files', '70,000 small files, which a ZIP lists in ZIP64 only.', {
  transactions: 1_000,
  files: 70_000,
  fileBytes: 2_000,
  textFilesInHundred: 50,
});

export const largeEntry = exportOf('large-entry', 'One file above 4 GiB that does not pack.', {
  transactions: 1_000,
  files: 1,
  fileBytes: 4_500_000_000,
  textFilesInHundred: 0,
});
