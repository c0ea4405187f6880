import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localSettings } from '../../infra/local/local-settings.ts';
import {
  startLocalSystem,
  type LocalSystem,
  type LocalSystemOptions,
} from '../../infra/local/local-system.ts';
import { assertEventsAsDocumented } from './event-contract.ts';
import { joinedSources } from './joined-sources.ts';
import { assertNothingLeaked } from './leak-scan.ts';

export interface RunningSystem extends LocalSystem {
  /** Stops the system and removes its data. Fails where anything of a user's has leaked, or an event is not as its schema says. */
  end(): Promise<void>;
}

/**
 * A local system of a test's own: free ports, its own folder, functions that start fast, retries without their
 * waits, sweeps only when a test invokes them. `environment` may replace its servers, as a person's would.
 */
export const startRunningSystem = async (
  { sweepSeconds = 0, ...options }: Partial<LocalSystemOptions> & { readonly sweepSeconds?: number } = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningSystem> => {
  const handlerFile = await joinedSources();
  const dataDir = mkdtempSync(join(tmpdir(), 'export-system-'));
  const settings = { ...localSettings({ ...environment, LOCAL_DATA_DIR: dataDir }), sweepSeconds };
  const system = await startLocalSystem({
    settings,
    sample: false,
    handlerFile,
    retryIntervalSeconds: () => 0.01,
    ...options,
  });
  return {
    ...system,
    end: async () => {
      try {
        await assertNothingLeaked(system);
        assertEventsAsDocumented(settings);
      } finally {
        await system.close();
        rmSync(dataDir, { recursive: true, force: true });
      }
    },
  };
};
