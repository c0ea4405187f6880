import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { QueryCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { createHash } from 'node:crypto';
import {
  generateSampleHousehold,
  type SampleHousehold,
} from '../../infra/local/sample-household/sample-household.ts';
import { SAMPLE_USER_ID, SECOND_SAMPLE_USER_ID } from '../../infra/local/sample-household/household-plans.ts';
import { ExportApi } from '../support/export-api.ts';
import { expectedJson } from '../support/expected-json.ts';
import { readZip } from '../support/read-zip.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';

type Item = Record<string, AttributeValue>;

const SECTIONS = [
  ['data/accounts.json', 'ACCOUNTS_TABLE', ['createdAt', 'accountId']],
  ['data/transactions.json', 'TRANSACTIONS_TABLE', ['date', 'transactionId']],
  ['data/categories.json', 'CATEGORIES_TABLE_NAME', ['name', 'categoryId']],
  ['data/file_maps.json', 'FILE_MAPS_TABLE', ['fileMapId']],
  ['data/transaction_files.json', 'FILES_TABLE', ['fileId']],
  ['data/analytics.json', 'ANALYTICS_DATA_TABLE', ['analyticType', 'pk', 'sk']],
] as const;

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('an export of the sample household', () => {
  let system: RunningSystem;
  let household: SampleHousehold;
  let first: Map<string, Buffer>;
  let second: Map<string, Buffer>;

  const exported = async (userId: string): Promise<Map<string, Buffer>> => {
    const api = new ExportApi(system.apiUrl, await system.issueToken(userId));
    const exportId = await api.start({ includeAnalytics: true });
    expect((await api.ended(exportId)).body['status']).toBe('completed');
    const { body } = await api.call('GET', `/export/${exportId}/download`, {
      headers: { accept: 'application/json' },
    });
    const download = await fetch(String(body['downloadUrl']));
    return readZip(Buffer.from(await download.arrayBuffer()));
  };

  beforeAll(async () => {
    [system, household] = await Promise.all([
      startRunningSystem({ sample: true }),
      generateSampleHousehold(),
    ]);
    first = await exported(SAMPLE_USER_ID);
    second = await exported(SAMPLE_USER_ID);
  }, 120_000);
  afterAll(() => system.end());

  const textOf = (entries: Map<string, Buffer>, path: string): string =>
    entries.get(path)?.toString('utf8') ?? '';

  /** The user's items as the table gives them back, in the order in which the package must hold them. */
  const stored = async (table: string, userId: string, order: readonly string[]): Promise<Item[]> => {
    const items: Item[] = [];
    let start: Item | undefined;
    do {
      const page = await system.clients.dynamodb.send(
        new QueryCommand({
          TableName: table,
          IndexName:
            table === system.settings.tables.ANALYTICS_DATA_TABLE ? 'UserAnalyticsIndex' : 'UserIdIndex',
          KeyConditionExpression: 'userId = :userId',
          ExpressionAttributeValues: { ':userId': { S: userId } },
          ExclusiveStartKey: start,
        }),
      );
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    const compare = (a: AttributeValue | undefined, b: AttributeValue | undefined): number =>
      a?.N !== undefined && b?.N !== undefined
        ? Number(BigInt(a.N) - BigInt(b.N))
        : Buffer.compare(Buffer.from(a?.S ?? ''), Buffer.from(b?.S ?? ''));
    return items.sort(
      (a, b) => order.map((key) => compare(a[key], b[key])).find((result) => result !== 0) ?? 0,
    );
  };

  it.each(SECTIONS)(
    'holds in %s every stored item, to the last digit and in order',
    async (path, variable, order) => {
      const items = await stored(system.settings.tables[variable], SAMPLE_USER_ID, order);
      const generated = household.items[variable].filter((item) => item['userId']?.S === SAMPLE_USER_ID);
      expect(items).toHaveLength(generated.length);
      const lines = textOf(first, path).split('\n').slice(1, -2);
      expect(lines.map((line) => line.replace(/,$/, ''))).toEqual(
        items.map((item) => expectedJson(item, path)),
      );
      expect(JSON.parse(textOf(first, path))).toHaveLength(items.length);
    },
  );

  it('holds every statement file byte by byte, and nothing else', () => {
    const packed = [...first].filter(([path]) => path.startsWith('files/')).map(([, bytes]) => digest(bytes));
    const uploaded = household.files.filter(({ s3Key }) => s3Key.startsWith(`${SAMPLE_USER_ID}/`));
    expect(packed.sort()).toEqual(uploaded.map(({ bytes }) => digest(bytes)).sort());
  });

  it('gives the same data and files, byte by byte, when nothing has changed', () => {
    const contents = (entries: Map<string, Buffer>) =>
      [...entries]
        .filter(([path]) => path !== 'manifest.json' && path !== 'checksums.sha256')
        .map(([path, bytes]) => [path, digest(bytes)]);
    expect(contents(second)).toEqual(contents(first));
  });

  it('checks out against its own checksums and manifest', () => {
    const sums = textOf(first, 'checksums.sha256').trimEnd().split('\n');
    expect(sums).toHaveLength(first.size - 1);
    for (const line of sums) {
      const [sum, path = ''] = line.split('  ');
      expect(
        createHash('sha256')
          .update(first.get(path) ?? '')
          .digest('hex'),
      ).toBe(sum);
    }
    const manifest = JSON.parse(textOf(first, 'manifest.json')) as {
      entries: { path: string; bytes: number; sha256: string }[];
      dataSummary: Record<string, number>;
      transactionsByMonth: Record<string, number>;
    };
    expect(manifest.entries.map(({ path }) => path).sort()).toEqual(
      [...first.keys()].filter((path) => !/^(manifest|checksums)/.test(path)).sort(),
    );
    const months = Object.values(manifest.transactionsByMonth).reduce((a, b) => a + b, 0);
    expect(months).toBe(manifest.dataSummary['transactionsCount']);
  });

  it("holds nothing of another user, whose id begins like the first one's", async () => {
    const theirs = await exported(SECOND_SAMPLE_USER_ID);
    for (const [path] of SECTIONS) {
      const owners = (JSON.parse(textOf(theirs, path)) as { userId: string }[]).map(({ userId }) => userId);
      expect(new Set(owners)).toEqual(new Set([SECOND_SAMPLE_USER_ID]));
      const mine = (JSON.parse(textOf(first, path)) as { userId: string }[]).map(({ userId }) => userId);
      expect(new Set(mine)).toEqual(new Set([SAMPLE_USER_ID]));
    }
  });
});
