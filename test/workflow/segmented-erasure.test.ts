import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { interimPrefix, packagePrefix } from '../../shared/domain/package-layout.ts';
import { nameBasedUuid } from '../../shared/domain/name-based-uuid.ts';
import { WORKFLOW_FUNCTIONS } from '../../shared/lambda/functions.ts';
import { bucketContents, NOTHING } from '../support/bucket-contents.ts';
import { ExportApi } from '../support/export-api.ts';
import { executionArn, PATIENCE_SECONDS } from '../support/exported-household.ts';
import type { ProxiedRequest } from '../support/fault-proxy.ts';
import { seedSmallHousehold } from '../support/small-household.ts';
import { startSystemBehindProxies, type SystemBehindProxies } from '../support/system-behind-proxies.ts';

/** How long a DELETE must wait for the last writer. */
const FUNCTION_TIMEOUT_SECONDS = 15;

/** Keeps the requests of one export that look like this one from reaching S3 until the test lets them go on. */
class HeldRequest {
  readonly #method: string;
  readonly #url: RegExp;
  readonly #reached = Promise.withResolvers<undefined>();
  readonly #open = Promise.withResolvers<undefined>();

  constructor(method: string, url: RegExp) {
    this.#method = method;
    this.#url = url;
  }

  async pass({ method, path }: ProxiedRequest): Promise<void> {
    if (method !== this.#method || !this.#url.test(path)) return;
    this.#reached.resolve(undefined);
    await this.#open.promise;
  }

  reached(): Promise<undefined> {
    return this.#reached.promise;
  }

  open(): void {
    this.#open.resolve(undefined);
  }
}

jest.setTimeout(PATIENCE_SECONDS * 1000);

describe('erasing an export in many pieces', () => {
  const held = new Map<string, HeldRequest>();
  let behindProxies: SystemBehindProxies;

  beforeAll(async () => {
    behindProxies = await startSystemBehindProxies({
      variables: { SEGMENT_ENTRIES: '1' },
      timeoutSeconds: (name) => (name in WORKFLOW_FUNCTIONS ? FUNCTION_TIMEOUT_SECONDS : undefined),
      lateWriterMarginSeconds: 1,
    });
    behindProxies.proxies.s3.faultOf = async (request) => {
      for (const [exportId, hold] of held) if (request.path.includes(exportId)) await hold.pass(request);
      return undefined;
    };
  });
  afterAll(() => behindProxies.end());

  it.concurrent.each<[string, string, RegExp]>([
    ['while its segments are packed', 'PUT', /\/segments\/\d+\/.*\.zip\?/],
    ['while a packer writes its report', 'PUT', /\/segments\/\d+\/.*\.json\?/],
    ['when the joined upload is about to begin', 'POST', /\/packages\/.*\?uploads/],
    ['while a part of the package is on its way', 'PUT', /\/packages\/.*[?&]partNumber=/],
    ['when the joined upload is about to be completed', 'POST', /\/packages\/.*\?uploadId=/],
  ])('leaves no object and no upload of one deleted %s', async (_, method, url) => {
    const { system } = behindProxies;
    const { s3, sfn } = system.clients;
    const userId = `user-${randomUUID()}`;
    await seedSmallHousehold(system.clients, system.settings, userId);
    const api = new ExportApi(system.apiUrl, await system.issueToken(userId));
    const key = randomUUID();
    const exportId = nameBasedUuid('export', userId, key);
    const hold = new HeldRequest(method, url);
    held.set(exportId, hold);
    await api.start({ includeAnalytics: true, includeCsv: true }, { 'idempotency-key': key });
    await hold.reached();

    const first = await api.call('DELETE', `/export/${exportId}`);
    expect([first.status, first.body['status']]).toEqual([202, 'deleting']);
    const described = await sfn.send(new DescribeExecutionCommand({ executionArn: executionArn(exportId) }));
    expect(described.status).toBe('ABORTED');

    // The functions of the stopped execution are alive, and write on after the first purge.
    hold.open();
    expect((await api.deleted(exportId)).status).toBe(204);
    for (const prefix of [interimPrefix(userId, exportId), packagePrefix(userId, exportId)]) {
      expect(await bucketContents(s3, system.settings.packagesBucket, prefix)).toEqual(NOTHING);
    }
    expect((await api.status(exportId)).status).toBe(404);
  });
});
