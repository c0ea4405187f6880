import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { createHash, randomUUID } from 'node:crypto';
import type { Manifest } from '../../shared/domain/manifest.ts';
import { packagePrefix } from '../../shared/domain/package-layout.ts';
import { bucketContents } from '../support/bucket-contents.ts';
import { ExportApi } from '../support/export-api.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';
import { seedSmallHousehold } from '../support/small-household.ts';

interface Document {
  readonly manifest: Manifest;
  readonly data: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}

describe('an export as one JSON document', () => {
  let system: RunningSystem;
  beforeAll(async () => {
    system = await startRunningSystem();
  });
  afterAll(() => system.end());

  const exported = async (request: object) => {
    const userId = `user-${randomUUID()}`;
    const household = await seedSmallHousehold(system.clients, system.settings, userId);
    const api = new ExportApi(system.apiUrl, await system.issueToken(userId));
    const exportId = await api.start({ exportFormat: 'json', ...request });
    const { body: status } = await api.ended(exportId);
    const { body: link } = await api.call('GET', `/export/${exportId}/download`, {
      headers: { accept: 'application/json' },
    });
    const response = await fetch(String(link['downloadUrl']));
    const bytes = Buffer.from(await response.arrayBuffer());
    return { userId, household, api, exportId, status, link, response, bytes };
  };

  it('is saved as JSON under a name that says so, and is what the status tells', async () => {
    const { status, link, response, bytes, userId, exportId } = await exported({ includeAnalytics: true });
    expect(status).toMatchObject({ status: 'completed', exportFormat: 'json', completeness: 'complete' });
    expect(link['fileName']).toMatch(/^household-export-\d{4}-\d\d-\d\d\.json$/);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="${String(link['fileName'])}"`,
    );
    expect(status).toMatchObject({
      packageSize: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    const { packagesBucket } = system.settings;
    const { keys } = await bucketContents(system.clients.s3, packagesBucket, packagePrefix(userId, exportId));
    expect(keys).toEqual([expect.stringMatching(/\.json$/)]);
    const head = await system.clients.s3.send(
      new HeadObjectCommand({ Bucket: packagesBucket, Key: keys[0] }),
    );
    expect(head.ContentType).toBe('application/json');
  });

  it('holds the manifest and every section, one record each of the small household', async () => {
    const { bytes, status, household, userId } = await exported({ includeAnalytics: true });
    const { manifest, data } = JSON.parse(bytes.toString('utf8')) as Document;
    expect(Object.entries(data).map(([section, records]) => [section, records.length])).toEqual([
      ['accounts', 1],
      ['transactions', 1],
      ['categories', 1],
      ['fileMaps', 1],
      ['transactionFiles', 1],
      ['analytics', 1],
    ]);
    for (const records of Object.values(data)) expect(records[0]).toMatchObject({ userId });
    expect(data['transactions']?.[0]).toMatchObject({ amount: '-12.5', fileId: household.fileId });
    expect(data['transactionFiles']?.[0]).not.toHaveProperty('packageEntry');
    expect(manifest).toMatchObject({
      exportFormat: 'json',
      filesIncluded: false,
      omissions: [],
      warnings: [],
    });
    expect(manifest.counts).toEqual(status['counts']);
  });

  it('has the sections that were asked for alone', async () => {
    const { bytes } = await exported({ exportType: 'accounts_only' });
    const { manifest, data } = JSON.parse(bytes.toString('utf8')) as Document;
    expect(Object.keys(data)).toEqual(['accounts']);
    expect(manifest.entries.map(({ path }) => path)).toEqual(['/data/accounts']);
  });

  it('does not go with tables', async () => {
    const api = new ExportApi(system.apiUrl, await system.issueToken(`user-${randomUUID()}`));
    const answer = await api.call('POST', '/export', { body: { exportFormat: 'json', includeCsv: true } });
    expect(answer.status).toBe(400);
    expect(answer.body['errors']).toEqual([expect.objectContaining({ pointer: '/includeCsv' })]);
  });
});
