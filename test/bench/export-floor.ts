import { join } from 'node:path';
import type { LocalSystem } from '../../infra/local/local-system.ts';
import type { ResultRow } from './bench-case.ts';
import type { BenchHousehold } from './bench-household.ts';
import { userItemsQuery } from './bare-query.ts';
import { FAST_ZIP, isInstalled } from './outside-program.ts';
import { medianResult, stagesOf, type StageResult } from './stage.ts';
import type * as stages from './stages/floor-stages.ts';

const MOST_FLOORS = 2;
const STAGES = new URL('stages/floor-stages.ts', import.meta.url);

interface FloorRun {
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Reads over bare HTTP what an export of the household reads, and zips it; undefined where there is no Info-ZIP. */
export const exportFloor = async (
  { endpoints, settings: { tables, fileBucket: bucket } }: LocalSystem,
  { userId, size, file }: BenchHousehold,
  { folder, signal }: FloorRun,
): Promise<StageResult | undefined> => {
  if (!(await isInstalled(FAST_ZIP))) return undefined;
  const { dynamodb, s3 } = endpoints;
  const indexes = [
    [tables.ACCOUNTS_TABLE, 'UserIdIndex'],
    [tables.TRANSACTIONS_TABLE, 'UserIdIndex'],
    [tables.CATEGORIES_TABLE_NAME, 'UserIdIndex'],
    [tables.FILE_MAPS_TABLE, 'UserIdIndex'],
    [tables.FILES_TABLE, 'UserIdIndex'],
    [tables.ANALYTICS_DATA_TABLE, 'UserAnalyticsIndex'],
  ] as const;
  return stagesOf<typeof stages>(
    STAGES,
    {},
    signal,
  )('readAndZip', {
    ...{ dynamodb, s3, bucket },
    queries: indexes.map(([table, index]) => userItemsQuery(table, index, userId)),
    keys: Array.from({ length: size.files }, (_, index) => file(index).s3Key),
    folder: join(folder, 'floor'),
  });
};

/** What the floors took, and how many of them an export of so many seconds is worth. */
export const floorRows = (
  floors: readonly StageResult[],
  seconds: number,
  heldToFloor: boolean,
): ResultRow[] => {
  if (floors.length === 0) return [];
  const floor = medianResult(floors);
  return [
    { name: 'floor: bare HTTP and zip -1', value: floor.seconds, unit: 's', plotted: true },
    {
      name: '  the same pages and objects over bare HTTP',
      value: floor.told['readSeconds'] ?? NaN,
      unit: 's',
    },
    { name: '  zip -1 of them', value: floor.told['zipSeconds'] ?? NaN, unit: 's' },
    { name: 'read by it', value: (floor.told['bytes'] ?? NaN) / 1e6, unit: 'MB' },
    {
      name: 'an export, in floors',
      value: seconds / floor.seconds,
      unit: '×',
      plotted: true,
      ...(heldToFloor ? { limit: MOST_FLOORS } : {}),
    },
  ];
};
