import { join } from 'node:path';
import { localSettings } from '../../infra/local/local-settings.ts';
import {
  startLocalSystem,
  type LocalSystem,
  type LocalSystemOptions,
} from '../../infra/local/local-system.ts';
import type { BenchRun } from './bench-case.ts';
import type { BenchHousehold } from './bench-household.ts';
import { seedBenchFiles, seedBenchRecords } from './seed-bench-household.ts';
import { startS3Process } from './started-s3.ts';

interface BenchSystemOptions extends Pick<LocalSystemOptions, 'invocationHook' | 'functionEndpoints'> {
  /** How long each call of S3 waits before it is answered. */
  readonly s3LatencyMs?: number;
}

/** The whole service with a household in it, S3 and DynamoDB in processes of their own. */
export const startBenchSystem = async (
  { folder, signal, note }: BenchRun,
  household: BenchHousehold,
  { s3LatencyMs = 0, ...options }: BenchSystemOptions = {},
): Promise<LocalSystem> => {
  const { transactions, files, fileBytes } = household.size;
  note(`Writing ${transactions} transactions and ${files} files of ${fileBytes} bytes …`);
  const startedAt = performance.now();
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const s3 = await startS3Process(join(folder, 's3'), s3LatencyMs);
    closers.push(() => s3.close());
    const settings = localSettings({ LOCAL_DATA_DIR: folder, AWS_ENDPOINT_URL_S3: s3.url });
    await seedBenchRecords(settings, household, signal);
    const system = await startLocalSystem({ settings, sample: false, ...options });
    closers.push(() => system.close());
    await seedBenchFiles({ s3: system.clients.s3, bucket: settings.fileBucket }, household, signal);
    note(`Written in ${((performance.now() - startedAt) / 1000).toFixed(0)} s.`);
    return { ...system, close };
  } catch (error) {
    await close();
    throw error;
  }
};
