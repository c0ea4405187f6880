import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createExportClient, type ExportClient } from '../../infra/local/commands/export-client.ts';
import { forEachConcurrently } from '../../infra/local/sample-household/for-each-concurrently.ts';
import { seedMarkedHousehold } from '../faults/marked-household.ts';
import { ExportApi } from '../support/export-api.ts';
import type { StartedService } from '../support/started-service.ts';
import type { LoadRun } from './load-scenario.ts';

const HOUSEHOLD = { transactions: 25, files: 2, fileBytes: 20_000 };
const SEEDED_AT_ONCE = 4;

export interface LoadUser {
  readonly userId: string;
  readonly token: string;
  readonly api: ExportApi;
  /** Follows Retry-After, as a client should. */
  readonly client: ExportClient;
}

/** Users with small households, so that what is measured is the service and not the packing. */
export const seedUsers = async (
  service: StartedService,
  count: number,
  { signal }: LoadRun,
): Promise<LoadUser[]> => {
  const users: LoadUser[] = [];
  await forEachConcurrently(Array.from({ length: count }), SEEDED_AT_ONCE, async () => {
    signal.throwIfAborted();
    const { userId } = await seedMarkedHousehold(service.clients, service.settings, HOUSEHOLD);
    const token = await service.issueToken(userId);
    const client = createExportClient({ url: service.apiUrl, token, signal, onWait: () => undefined });
    users.push({ userId, token, client, api: new ExportApi(service.apiUrl, token) });
  });
  return users;
};

export interface EndedExport {
  readonly exportId: string;
  readonly status: string;
  /** From its request to its end, as its job tells it. */
  readonly seconds: number;
  /** Epoch ms. */
  readonly endedAt: number;
}

/** Exports everything of a user; `pollSeconds` in place of the wait that the service asks for. */
export const exportOf = async ({ client, api }: LoadUser, pollSeconds?: number): Promise<EndedExport> => {
  const startedAt = Date.now();
  const exportId = await client.start({ exportType: 'complete', includeAnalytics: true }, randomUUID());
  for (;;) {
    const answer = await client.status(exportId);
    const status = answer.status?.status;
    if (status === 'completed' || status === 'failed') {
      const endedAt = Date.parse(String((await api.status(exportId)).body['completedAt']));
      return { exportId, status, seconds: (endedAt - startedAt) / 1000, endedAt };
    }
    await delay((pollSeconds ?? answer.pollSeconds) * 1000);
  }
};
