import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { DueRow, DueRows } from '../ports.ts';
import { ACTIVE_ROW_PREFIX } from './dynamo-active-exports.ts';
import { DUE_SHARDS } from './due-shard.ts';
import { translated } from './translated.ts';
import { UpdateExpression } from './update-expression.ts';

const SERVICE = 'The table of export jobs';

const indexedRow = z.object({
  exportId: z.string(),
  dueAt: z.number(),
  setbacks: z._default(z.number(), 0),
});

const rowOf = (item: unknown): DueRow => {
  const { exportId, dueAt, setbacks } = indexedRow.parse(item);
  return {
    about: exportId.startsWith(ACTIVE_ROW_PREFIX) ? 'places' : 'export',
    key: exportId,
    dueAt,
    setbacks,
  };
};

/** DueIndex of the export jobs table. It never reads a row's contents, so that a broken one can be put off too. */
export class DynamoDueRows implements DueRows {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = DynamoDBDocumentClient.from(client);
    this.#table = table;
  }

  async find(now: number, limit: number): Promise<readonly DueRow[]> {
    const shards = await Promise.all(DUE_SHARDS.map((shard) => this.#findInShard(shard, now, limit)));
    return shards
      .flat()
      .sort((a, b) => a.dueAt - b.dueAt)
      .slice(0, limit);
  }

  async take(row: DueRow, until: number): Promise<DueRow | undefined> {
    const taken = { ...row, dueAt: until, setbacks: row.setbacks + 1 };
    const update = new UpdateExpression().set('dueAt', until).set('setbacks', taken.setbacks);
    return (await this.#updateUnlessChanged(row, update)) ? taken : undefined;
  }

  async putBack(taken: DueRow, dueAt: number | undefined): Promise<void> {
    const update = new UpdateExpression().remove('setbacks');
    if (dueAt === undefined) update.remove('dueAt');
    else update.set('dueAt', dueAt);
    await this.#updateUnlessChanged(taken, update);
  }

  async #findInShard(shard: string, now: number, limit: number): Promise<DueRow[]> {
    const { Items = [] } = await translated(SERVICE, () =>
      this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          IndexName: 'DueIndex',
          KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
          ExpressionAttributeValues: { ':shard': shard, ':now': now },
          ProjectionExpression: 'exportId, dueAt, setbacks',
          Limit: limit,
        }),
      ),
    );
    return Items.map(rowOf);
  }

  async #updateUnlessChanged({ key, dueAt }: DueRow, update: UpdateExpression): Promise<boolean> {
    const unchanged = update.when('#dueAt = :seen', { ':seen': dueAt });
    try {
      await translated(SERVICE, () =>
        this.#client.send(
          new UpdateCommand({ TableName: this.#table, Key: { exportId: key }, ...unchanged.input() }),
        ),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}
