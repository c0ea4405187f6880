import {
  DescribeTableCommand,
  QueryCommand,
  ResourceNotFoundException,
  type AttributeValue,
  type DynamoDBClient,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { IndexIncomplete } from '../domain/errors.ts';
import { RECORD_KEY_ORDER, type Section } from '../domain/sections.ts';
import type { HouseholdSource, SourceRecord } from '../ports.ts';
import { itemJson } from './attribute-value-json.ts';
import { translated } from './translated.ts';

const SERVICE = "A table of the household's data";

interface SectionIndex {
  readonly index: string;
  readonly primaryKey: readonly string[];
  readonly sortKey?: string;
}

/** Where a user's items are found (data contract, application tables). */
const INDEXES: Readonly<Record<Section, SectionIndex>> = {
  accounts: { index: 'UserIdIndex', primaryKey: ['accountId'], sortKey: 'createdAt' },
  transactions: { index: 'UserIdIndex', primaryKey: ['transactionId'], sortKey: 'date' },
  categories: { index: 'UserIdIndex', primaryKey: ['categoryId'], sortKey: 'name' },
  fileMaps: { index: 'UserIdIndex', primaryKey: ['fileMapId'] },
  transactionFiles: { index: 'UserIdIndex', primaryKey: ['fileId'] },
  analytics: { index: 'UserAnalyticsIndex', primaryKey: ['pk', 'sk'], sortKey: 'analyticType' },
};

/** The tables a function may read; a section without one is not its business. */
export type HouseholdTables = Readonly<Partial<Record<Section, string | undefined>>>;

type Item = Readonly<Record<string, AttributeValue>>;

const keyText = (value: AttributeValue | undefined): string => value?.S ?? value?.N ?? '';

const recordOf = (section: Section, item: Item): SourceRecord => {
  const { primaryKey, sortKey } = INDEXES[section];
  return {
    json: itemJson(item, RECORD_KEY_ORDER[section]),
    primaryKey: primaryKey.map((name) => keyText(item[name])).join('\0'),
    sortKey: sortKey === undefined ? '' : keyText(item[sortKey]),
  };
};

/** The application's tables, read by Query on an index, never by Scan. */
export class DynamoHouseholdSource implements HouseholdSource {
  readonly #client: DynamoDBClient;
  readonly #tables: HouseholdTables;

  constructor(client: DynamoDBClient, tables: HouseholdTables) {
    this.#client = client;
    this.#tables = tables;
  }

  async assertComplete(sections: readonly Section[]): Promise<void> {
    await Promise.all(sections.map((section) => this.#assertIndexComplete(section)));
  }

  async *pages(section: Section, userId: string): AsyncGenerator<readonly SourceRecord[]> {
    for await (const { Items = [] } of this.#queryPages(section, userId, {})) {
      yield Items.map((item) => recordOf(section, item));
    }
  }

  async count(section: Section, userId: string, pages: number): Promise<{ count: number; whole: boolean }> {
    let count = 0;
    let read = 0;
    for await (const { Count = 0 } of this.#queryPages(section, userId, { Select: 'COUNT' })) {
      if (read === pages) return { count, whole: false };
      count += Count;
      read += 1;
    }
    return { count, whole: true };
  }

  /** The next page is on its way while the caller works on this one. A page may be empty and not be the last. */
  async *#queryPages(section: Section, userId: string, more: Pick<QueryCommandInput, 'Select'>) {
    const query = (start: Record<string, AttributeValue> | undefined) =>
      translated(SERVICE, () =>
        this.#client.send(
          new QueryCommand({
            TableName: this.#tableOf(section),
            IndexName: INDEXES[section].index,
            KeyConditionExpression: '#userId = :userId',
            ExpressionAttributeNames: { '#userId': 'userId' },
            ExpressionAttributeValues: { ':userId': { S: userId } },
            ExclusiveStartKey: start,
            ...more,
          }),
        ),
      );
    let next: ReturnType<typeof query> | undefined = query(undefined);
    while (next !== undefined) {
      const page: Awaited<ReturnType<typeof query>> = await next;
      next = page.LastEvaluatedKey === undefined ? undefined : query(page.LastEvaluatedKey);
      // A page that fails while the caller is still busy is reported when its turn comes.
      next?.catch(() => undefined);
      yield page;
    }
  }

  async #assertIndexComplete(section: Section): Promise<void> {
    const { index } = INDEXES[section];
    const table = await this.#describe(section);
    const projection = table?.GlobalSecondaryIndexes?.find(
      ({ IndexName }) => IndexName === index,
    )?.Projection;
    if (projection?.ProjectionType !== 'ALL') {
      throw new IndexIncomplete(`The section ${section} has no index ${index} that holds all attributes.`);
    }
  }

  async #describe(section: Section) {
    try {
      const { Table } = await translated(SERVICE, () =>
        this.#client.send(new DescribeTableCommand({ TableName: this.#tableOf(section) })),
      );
      return Table;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  #tableOf(section: Section): string {
    const table = this.#tables[section];
    if (table === undefined) throw new TypeError(`This function has no table for the section ${section}.`);
    return table;
  }
}
