import type { LocalSystemOptions } from '../../infra/local/local-system.ts';
import { FaultProxy } from './fault-proxy.ts';
import { startRunningSystem, type RunningSystem } from './running-system.ts';
import { S3UnderTest } from './s3-under-test.ts';

export interface SystemBehindProxy {
  readonly system: RunningSystem;
  /** Every request to S3 passes it, the tests' own included. */
  readonly storage: FaultProxy;
  /** Stops all of it and removes its data. */
  end(): Promise<void>;
}

/** A running system whose functions find S3 behind a proxy that tests give orders to. */
export const startSystemBehindProxy = async (
  options: Partial<LocalSystemOptions>,
): Promise<SystemBehindProxy> => {
  const s3 = await S3UnderTest.start();
  const storage = await FaultProxy.start(s3.url);
  const system = await startRunningSystem(options, { AWS_ENDPOINT_URL_S3: storage.url });
  return {
    system,
    storage,
    end: async () => {
      await system.end();
      await storage.close();
      await s3.dispose();
    },
  };
};
