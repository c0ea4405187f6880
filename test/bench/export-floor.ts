import { join } from 'node:path';
import type { LocalSystem } from '../../infra/local/local-system.ts';
import type { BenchHousehold } from './bench-household.ts';
import { userItemsQuery } from './bare-query.ts';
import { FAST_ZIP, isInstalled } from './outside-program.ts';
import { stagesOf, type StageResult } from './stage.ts';
import type * as stages from './stages/floor-stages.ts';

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
