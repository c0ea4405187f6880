import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localSettings } from '../../infra/local/local-settings.ts';
import {
  startLocalSystem,
  type LocalSystem,
  type LocalSystemOptions,
} from '../../infra/local/local-system.ts';

export interface RunningSystem extends LocalSystem {
  /** Stops the system and removes its data. */
  end(): Promise<void>;
}

/**
 * A local system of a test's own: free ports, its own folder, retries without their waits, sweeps only when a test invokes
 * them. `environment` may replace its servers, as a person's would.
 */
export const startRunningSystem = async (
  { sweepSeconds = 0, ...options }: Partial<LocalSystemOptions> & { readonly sweepSeconds?: number } = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningSystem> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'export-system-'));
  const settings = { ...localSettings({ ...environment, LOCAL_DATA_DIR: dataDir }), sweepSeconds };
  const system = await startLocalSystem({
    settings,
    sample: false,
    retryIntervalSeconds: () => 0.01,
    ...options,
  });
  return {
    ...system,
    end: async () => {
      await system.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};
