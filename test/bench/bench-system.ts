import { join } from 'node:path';
import { localSettings } from '../../infra/local/local-settings.ts';
import {
  startLocalSystem,
  type LocalSystem,
  type LocalSystemOptions,
} from '../../infra/local/local-system.ts';
import { startS3Process } from './started-s3.ts';

interface BenchSystemOptions extends Partial<LocalSystemOptions> {
  /** Where everything is kept. */
  readonly folder: string;
  /** How long each call of S3 waits before it is answered. */
  readonly s3LatencyMs?: number;
}

/** The whole service without any data, S3 and DynamoDB in processes of their own. */
export const startBenchSystem = async ({
  folder,
  s3LatencyMs = 0,
  ...options
}: BenchSystemOptions): Promise<LocalSystem> => {
  const s3 = await startS3Process(join(folder, 's3'), s3LatencyMs);
  try {
    const settings = localSettings({ LOCAL_DATA_DIR: folder, AWS_ENDPOINT_URL_S3: s3.url });
    const system = await startLocalSystem({ settings, sample: false, ...options });
    return {
      ...system,
      close: async () => {
        await system.close();
        await s3.close();
      },
    };
  } catch (error) {
    await s3.close();
    throw error;
  }
};
