import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { FOLLOW_UP_MS, rowTimeToLive } from '../domain/export-job.ts';
import type { ActiveExports, DueRow } from '../ports.ts';
import { dueShard } from './due-shard.ts';
import { translated } from './translated.ts';
import { UpdateExpression } from './update-expression.ts';

const SERVICE = 'The table of export jobs';

const activeRow = z.object({ active: z.record(z.string(), z.number()) });

export const ACTIVE_ROW_PREFIX = 'active#';

/** One row a user in the export jobs table; of its indexes it stands in DueIndex only, while places are taken. */
const rowKey = (userId: string) => ({
  exportId: ACTIVE_ROW_PREFIX + createHash('sha256').update(userId).digest('hex'),
});

type RowKey = ReturnType<typeof rowKey>;

/** The places of a user's active exports: one map, changed by conditional writes only. */
export class DynamoActiveExports implements ActiveExports {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
    this.#table = table;
  }

  async reserve(
    userId: string,
    exportId: string,
    { cap, now }: { cap: number; now: number },
  ): Promise<boolean> {
    const key = rowKey(userId);
    const rest = {
      ttl: rowTimeToLive(now),
      dueShard: dueShard(key.exportId),
      dueAt: now + FOLLOW_UP_MS,
    };
    const take = new UpdateExpression()
      .setIn('active', exportId, now)
      .setAll(rest)
      .when(
        `attribute_exists(#active) AND (attribute_exists(${placeOf(exportId)}) OR size(#active) < :cap)`,
        {
          ':cap': cap,
        },
      );
    if (await this.#whenAllowed(() => this.#update(key, take))) return true;
    // Either all places are taken or this is the user's first export, and the row is not there to hold one.
    const Item = { ...key, active: { [exportId]: now }, ...rest };
    const first = new PutCommand({
      TableName: this.#table,
      Item,
      ConditionExpression: 'attribute_not_exists(exportId)',
    });
    if (cap > 0 && (await this.#whenAllowed(() => this.#client.send(first)))) return true;
    return this.#whenAllowed(() => this.#update(key, take));
  }

  members(userId: string): Promise<ReadonlyMap<string, number>> {
    return this.#membersAt(rowKey(userId));
  }

  membersOfRow({ key }: DueRow): Promise<ReadonlyMap<string, number>> {
    return this.#membersAt({ exportId: key });
  }

  async release(userId: string, exportIds: readonly string[]): Promise<void> {
    if (exportIds.length === 0) return;
    const free = new UpdateExpression().when('attribute_exists(#active)');
    for (const exportId of exportIds) free.removeIn('active', exportId);
    await this.#whenAllowed(() => this.#update(rowKey(userId), free));
  }

  async dropFromRow({ key }: DueRow, exportId: string, reservedAt: number): Promise<void> {
    const drop = new UpdateExpression()
      .removeIn('active', exportId)
      .when(`${placeOf(exportId)} = :reservedAt`, { ':reservedAt': reservedAt });
    await this.#whenAllowed(() => this.#update({ exportId: key }, drop));
  }

  async #membersAt(Key: RowKey): Promise<ReadonlyMap<string, number>> {
    const { Item } = await translated(SERVICE, () =>
      this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true })),
    );
    return new Map(Item === undefined ? [] : Object.entries(activeRow.parse(Item).active));
  }

  #update(Key: RowKey, update: UpdateExpression): Promise<unknown> {
    return this.#client.send(new UpdateCommand({ TableName: this.#table, Key, ...update.input() }));
  }

  async #whenAllowed(write: () => Promise<unknown>): Promise<boolean> {
    try {
      await translated(SERVICE, write);
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

/** The path of an export's place, as `UpdateExpression.setIn` aliases it. */
const placeOf = (exportId: string): string => `#active.#active_${exportId.replaceAll('-', '')}`;
