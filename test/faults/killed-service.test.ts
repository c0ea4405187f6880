import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KilledService, killPoints } from './killed-service.ts';

const SEED = 31;
/** Each starts the service anew, with cold functions. */
const TIMEOUT_MS = 600_000;

describe('a local service that is killed in mid-export', () => {
  let folder: string;
  let killed: KilledService;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'killed-service-'));
    killed = new KilledService(folder);
    await killed.start();
  }, TIMEOUT_MS);
  afterAll(async () => {
    await killed.end();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(killPoints(SEED, 3))(
    'row 31: ends the export after the next start, and its data are whole: $whom at $share of it',
    async (point) => {
      expect(['completed', 'failed']).toContain((await killed.survive(point)).status);
    },
    TIMEOUT_MS,
  );
});
