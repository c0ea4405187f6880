import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { SweepResult } from '../../functions/sweep-exports/sweep-exports.ts';
import { FOLLOW_UP_MS } from '../../shared/domain/export-job.ts';
import { packagePrefix } from '../../shared/domain/package-layout.ts';
import { bucketContents } from '../support/bucket-contents.ts';
import type { ProxiedRequest } from '../support/fault-proxy.ts';
import { FaultWorld } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const NO_ITEMS = Buffer.from(JSON.stringify({ Items: [], Count: 0, ScannedCount: 0 }));

/** The index of a table that a Query asks, if it is one. */
const indexAsked = ({ headers, body }: ProxiedRequest, table: string): string | undefined => {
  if (!String(headers['x-amz-target']).endsWith('.Query')) return undefined;
  const { TableName, IndexName } = JSON.parse(body.toString('utf8')) as Record<string, string>;
  return TableName === table ? IndexName : undefined;
};

const shardAsked = ({ body }: ProxiedRequest): string =>
  JSON.stringify(
    (JSON.parse(body.toString('utf8')) as { ExpressionAttributeValues: Record<string, unknown> })
      .ExpressionAttributeValues[':shard'],
  );

describe('what is over, and what an index shows late', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start();
  });
  afterAll(() => world.end());
  afterEach(() => world.calm());

  const jobsIndexAsked = (request: ProxiedRequest) =>
    indexAsked(request, world.system.settings.tables.EXPORT_JOBS_TABLE);

  const sweepResult = async (): Promise<SweepResult> => {
    const result = (await world.system.functions.invoke('sweep-exports', {})) as SweepResult;
    await world.quiet();
    return result;
  };

  /** From now on an index shows nothing; gives how often it was asked. */
  const indexShowsNothing = (index: string): (() => number) => {
    let asked = 0;
    world.strike('dynamodb', (request) => {
      if (jobsIndexAsked(request) !== index) return undefined;
      asked += 1;
      return { alter: (answer) => ({ ...answer, headers: {}, body: NO_ITEMS }) };
    });
    return () => asked;
  };

  it('row 27: says expired and 410 when the time is over, however late sweeper and TTL are', async () => {
    const { api, userId } = await world.aUser();
    const exportId = await api.start();
    await api.ended(exportId);
    await world.quiet();
    world.pass(DAY_MS);
    const prefix = packagePrefix(userId, exportId);
    const stored = () =>
      bucketContents(world.system.clients.s3, world.system.settings.packagesBucket, prefix);
    const isOver = async () => {
      expect((await api.status(exportId)).body).toMatchObject({ status: 'expired', downloadUrl: null });
      expect((await api.call('GET', `/export/${exportId}/download`)).status).toBe(410);
      expect((await api.call('GET', '/export')).body['exports']).toMatchObject([{ status: 'expired' }]);
    };
    expect(await world.row(exportId)).toMatchObject({ status: 'completed' });
    expect((await stored()).keys).toHaveLength(1);
    await isOver();

    await world.sweep();
    expect((await stored()).keys).toEqual([]);
    world.pass(100 * DAY_MS);
    const row = await world.row(exportId);
    expect(row?.status).toBe('expired');
    expect(Number(row?.['ttl']) * 1000).toBeLessThan(world.now);
    await isOver();
    await expectInvariants(world);
  });

  it('row 27: an index that lags hides an export from the list alone', async () => {
    const { api } = await world.aUser();
    const headers = { 'idempotency-key': randomUUID() };
    const asked = indexShowsNothing('UserIdIndex');
    const exportId = await api.start({}, headers);
    expect((await api.call('GET', '/export')).body['exports']).toEqual([]);
    expect(asked()).toBeGreaterThan(0);
    expect((await api.status(exportId)).status).toBe(200);
    expect(await api.start({}, headers)).toBe(exportId);
    world.calm();
    await api.ended(exportId);
    expect((await api.call('GET', '/export')).body['exports']).toMatchObject([{ exportId }]);
    await expectInvariants(world);
  });

  it('row 27: what the sweeper is shown late it does late, and what it is shown again it does not do again', async () => {
    const { api } = await world.aUser();
    const exportId = await api.start();
    await api.ended(exportId);
    await world.quiet();
    world.pass(DAY_MS);

    const asked = indexShowsNothing('DueIndex');
    await sweepResult();
    expect(asked()).toBeGreaterThan(0);
    expect((await world.row(exportId))?.status).toBe('completed');

    const shown = new Map<string, Buffer>();
    world.strike('dynamodb', (request) => {
      if (jobsIndexAsked(request) !== 'DueIndex' || shown.has(shardAsked(request))) return undefined;
      return {
        alter: (answer) => {
          shown.set(shardAsked(request), answer.body);
          return answer;
        },
      };
    });
    await sweepResult();
    expect((await world.row(exportId))?.status).toBe('expired');

    world.strike('dynamodb', (request) => {
      const body = jobsIndexAsked(request) === 'DueIndex' ? shown.get(shardAsked(request)) : undefined;
      return body && { alter: (answer) => ({ ...answer, headers: {}, body }) };
    });
    const again = await sweepResult();
    expect(again).toMatchObject({ expire: 0, setbacks: 0 });
    expect(again.skipped).toBeGreaterThan(0);
    world.calm();
    world.pass(FOLLOW_UP_MS);
    await expectInvariants(world);
  });

  it('row 27: refuses a page token that is tampered with or another user’s', async () => {
    const [owner, other] = [await world.aUser(), await world.aUser()];
    for (const user of [owner, owner, other]) await user.api.ended(await user.api.start());
    const first = (await owner.api.call('GET', '/export?limit=1')).body;
    const token = String(first['nextToken']);
    expect(first['hasMore']).toBe(true);
    const { exportId } = (first['exports'] as [{ exportId: string }])[0];
    expect((await owner.api.call('GET', `/export?limit=1&nextToken=${token}`)).status).toBe(200);

    const unknown = Buffer.from(randomUUID()).toString('base64url');
    const reversed = Buffer.from(token).reverse().toString();
    const refused = await Promise.all([
      other.api.call('GET', `/export?nextToken=${token}`),
      ...[reversed, token.slice(0, -4), `${token}AAAA`, unknown, '%00', '..%2F..'].map((forged) =>
        owner.api.call('GET', `/export?nextToken=${forged}`),
      ),
    ]);
    for (const { status, body } of refused) {
      expect([status, body['code']]).toEqual([400, 'InvalidRequest']);
      expect(JSON.stringify(body)).not.toContain(exportId);
    }
    await expectInvariants(world);
  });
});
