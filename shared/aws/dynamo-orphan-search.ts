import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { rowTimeToLive } from '../domain/export-job.ts';
import type { OrphanSearch } from '../ports.ts';
import { translated } from './translated.ts';

const SERVICE = 'The table of export jobs';

const searchRow = z.object({ position: z.optional(z.string()) });

/** One row in the export jobs table, in none of its indexes. */
const KEY = { exportId: 'sweep#orphans' };

export class DynamoOrphanSearch implements OrphanSearch {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
    this.#table = table;
  }

  async position(): Promise<string | undefined> {
    const { Item } = await translated(SERVICE, () =>
      this.#client.send(new GetCommand({ TableName: this.#table, Key: KEY })),
    );
    return Item === undefined ? undefined : searchRow.parse(Item).position;
  }

  async moveTo(position: string | undefined): Promise<void> {
    const Item = { ...KEY, position, ttl: rowTimeToLive(Date.now()) };
    await translated(SERVICE, () => this.#client.send(new PutCommand({ TableName: this.#table, Item })));
  }
}
