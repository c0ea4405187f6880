import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { rowTimeToLive } from '../domain/export-job.ts';
import type { ActiveExports } from '../ports.ts';
import { translated } from './translated.ts';
import { UpdateExpression } from './update-expression.ts';

const SERVICE = 'The table of export jobs';

const activeRow = z.object({ active: z.record(z.string(), z.number()) });

/** One row a user in the export jobs table, in none of its indexes. */
const rowKey = (userId: string) => ({
  exportId: `active#${createHash('sha256').update(userId).digest('hex')}`,
});

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
    const ttl = rowTimeToLive(now);
    const take = new UpdateExpression()
      .setIn('active', exportId, now)
      .set('ttl', ttl)
      .when(
        `attribute_exists(#active) AND (attribute_exists(${placeOf(exportId)}) OR size(#active) < :cap)`,
        {
          ':cap': cap,
        },
      );
    if (await this.#whenAllowed(() => this.#update(userId, take))) return true;
    // Either all places are taken or this is the user's first export, and the row is not there to hold one.
    const Item = { ...rowKey(userId), active: { [exportId]: now }, ttl };
    const first = new PutCommand({
      TableName: this.#table,
      Item,
      ConditionExpression: 'attribute_not_exists(exportId)',
    });
    if (cap > 0 && (await this.#whenAllowed(() => this.#client.send(first)))) return true;
    return this.#whenAllowed(() => this.#update(userId, take));
  }

  async members(userId: string): Promise<ReadonlyMap<string, number>> {
    const { Item } = await translated(SERVICE, () =>
      this.#client.send(
        new GetCommand({ TableName: this.#table, Key: rowKey(userId), ConsistentRead: true }),
      ),
    );
    return new Map(Item === undefined ? [] : Object.entries(activeRow.parse(Item).active));
  }

  async release(userId: string, exportIds: readonly string[]): Promise<void> {
    if (exportIds.length === 0) return;
    const free = new UpdateExpression().when('attribute_exists(#active)');
    for (const exportId of exportIds) free.removeIn('active', exportId);
    await this.#whenAllowed(() => this.#update(userId, free));
  }

  #update(userId: string, update: UpdateExpression): Promise<unknown> {
    return this.#client.send(
      new UpdateCommand({ TableName: this.#table, Key: rowKey(userId), ...update.input() }),
    );
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
