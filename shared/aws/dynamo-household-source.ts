import {
  DescribeTableCommand,
  ResourceNotFoundException,
  type DynamoDBClient,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { IndexIncomplete } from '../domain/errors.ts';
import { mergeSorted } from '../domain/merge-sorted.ts';
import type { Section } from '../domain/sections.ts';
import {
  compareDates,
  dateRangeOf,
  idConditions,
  matches,
  narrows,
  type FilteredAttributes,
  type Selection,
} from '../domain/selection.ts';
import type { HouseholdSource, SourceRecord, TransactionEnds } from '../ports.ts';
import type { PageItem } from './item-json/page-item.ts';
import { queryPage, type QueryPage } from './query-page.ts';
import { sectionQuery, type SectionQuery } from './section-query.ts';
import { readTransactionEnds } from './transaction-ends.ts';
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

type WantedQuery = SectionQuery & Omit<QueryCommandInput, 'TableName'>;

const keyText = (item: PageItem, name: string): string => item.string(name) ?? item.digits(name) ?? '';

class DynamoRecord implements SourceRecord {
  readonly sortKey: string;
  readonly #index: SectionIndex;
  readonly #item: PageItem;
  #primaryKey: string | undefined;

  constructor(index: SectionIndex, item: PageItem) {
    this.#index = index;
    this.#item = item;
    this.sortKey = index.sortKey === undefined ? '' : keyText(item, index.sortKey);
  }

  /** Only records that tie on their sort key are asked for it. */
  get primaryKey(): string {
    return (this.#primaryKey ??= this.#index.primaryKey.map((name) => keyText(this.#item, name)).join('\0'));
  }

  get json(): Uint8Array {
    return this.#item.json;
  }

  value(name: string): unknown {
    return this.#item.value(name);
  }
}

const filteredAttributes = (item: PageItem): FilteredAttributes => ({
  accountId: item.string('accountId'),
  categoryId: item.string('categoryId'),
  primaryCategoryId: item.string('primaryCategoryId'),
  date: item.digits('date'),
});

const bySortKey = (a: SourceRecord, b: SourceRecord): number => compareDates(a.sortKey, b.sortKey);

/** Transactions by account, whoever they belong to: an account's id is no proof of whose it is. */
const ACCOUNT_INDEX = 'AccountDateIndex';
/** Each account is read by a query of its own, whose pages of up to 1 MB are in memory two at a time. */
const MOST_ACCOUNT_QUERIES = 8;

/** The application's tables, read by Query on an index, never by Scan. */
export class DynamoHouseholdSource implements HouseholdSource {
  readonly #client: DynamoDBClient;
  readonly #tables: HouseholdTables;

  constructor(client: DynamoDBClient, tables: HouseholdTables) {
    this.#client = client;
    this.#tables = tables;
  }

  async assertComplete(sections: readonly Section[]): Promise<void> {
    await Promise.all(
      sections.map(async (section) => {
        const { index } = INDEXES[section];
        if (await this.#isIndexComplete(section, index)) return;
        throw new IndexIncomplete(`The section ${section} has no index ${index} that holds all attributes.`);
      }),
    );
  }

  async *pages(
    section: Section,
    userId: string,
    selection: Selection,
  ): AsyncGenerator<readonly SourceRecord[]> {
    const queries = await this.#queriesFor(section, userId, selection);
    const [only, ...others] = queries.map((query) => this.#records(section, query, { userId, selection }));
    if (only === undefined) return;
    yield* others.length === 0 ? only : mergeSorted([only, ...others], bySortKey);
  }

  transactionEnds(userId: string, selection: Selection): Promise<TransactionEnds | undefined> {
    const query = sectionQuery({
      index: INDEXES.transactions.index,
      partition: ['userId', userId],
      dates: dateRangeOf('transactions', selection),
      conditions: [],
    });
    return readTransactionEnds((page) => this.#page('transactions', page), query);
  }

  async first(
    section: Section,
    userId: string,
    selection: Selection,
    most: number,
  ): Promise<{ records: SourceRecord[]; whole: boolean }> {
    const query = userQuery(section, userId, selection);
    const { pages, whole } = await this.#firstPages(section, query, most);
    return { records: pages.flatMap(({ items }) => selected(section, items, { userId, selection })), whole };
  }

  async count(
    section: Section,
    userId: string,
    selection: Selection,
    most: number,
  ): Promise<{ count: number; whole: boolean }> {
    // Items are needed only to look at what the query itself does not settle.
    if (narrows(section, selection)) {
      const { records, whole } = await this.first(section, userId, selection, most);
      return { count: records.length, whole };
    }
    const query = userQuery(section, userId, selection);
    const { pages, whole } = await this.#firstPages(section, { ...query, Select: 'COUNT' }, most);
    return { count: pages.reduce((sum, page) => sum + page.count, 0), whole };
  }

  /** By account where few are asked for and the index for it holds everything; else the user's items, looked through. */
  async #queriesFor(section: Section, userId: string, selection: Selection): Promise<SectionQuery[]> {
    if (idConditions(section, selection).some(({ values }) => values.size === 0)) return [];
    const { accountIds } = selection;
    if (section !== 'transactions' || accountIds === undefined || accountIds.size > MOST_ACCOUNT_QUERIES) {
      return [userQuery(section, userId, selection)];
    }
    if (!(await this.#isIndexComplete(section, ACCOUNT_INDEX)))
      return [userQuery(section, userId, selection)];
    return [...accountIds].map((accountId) => accountQuery(accountId, userId, selection));
  }

  async *#records(
    section: Section,
    query: SectionQuery,
    wanted: Wanted,
  ): AsyncGenerator<readonly SourceRecord[]> {
    for await (const { items } of this.#queryPages(section, query)) {
      yield selected(section, items, wanted);
    }
  }

  /** The next page is on its way while the caller works on this one. A page may be empty and not be the last. */
  async *#queryPages(section: Section, wanted: WantedQuery): AsyncGenerator<QueryPage> {
    let next: Promise<QueryPage> | undefined = this.#page(section, wanted);
    while (next !== undefined) {
      const page: QueryPage = await next;
      const start = page.LastEvaluatedKey;
      next = start === undefined ? undefined : this.#page(section, wanted, start);
      // A page that fails while the caller is still busy is reported when its turn comes.
      next?.catch(() => undefined);
      yield page;
    }
  }

  /** At most so many pages, none of them read ahead: whoever wants few does not pay for more. */
  async #firstPages(section: Section, wanted: WantedQuery, most: number) {
    const pages = [await this.#page(section, wanted)];
    let start = pages[0]?.LastEvaluatedKey;
    while (start !== undefined && pages.length < most) {
      const page = await this.#page(section, wanted, start);
      pages.push(page);
      start = page.LastEvaluatedKey;
    }
    return { pages, whole: start === undefined };
  }

  #page(section: Section, wanted: WantedQuery, start?: QueryPage['LastEvaluatedKey']): Promise<QueryPage> {
    const input = { TableName: this.#tableOf(section), ExclusiveStartKey: start, ...wanted };
    return translated(SERVICE, () => queryPage(this.#client, section, input));
  }

  /** Whether the index can show every item whole; one that is still being made cannot. */
  async #isIndexComplete(section: Section, index: string): Promise<boolean> {
    const table = await this.#describe(section);
    const found = table?.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index);
    return (
      found?.Projection?.ProjectionType === 'ALL' &&
      found.IndexStatus !== 'CREATING' &&
      found.IndexStatus !== 'DELETING'
    );
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

interface Wanted {
  readonly userId: string;
  readonly selection: Selection;
}

/** Every item is looked at here, whatever the query has left out before: above all, whose it is. */
const selected = (
  section: Section,
  items: readonly PageItem[],
  { userId, selection }: Wanted,
): DynamoRecord[] => {
  const isNarrowed = narrows(section, selection);
  const wanted = items.filter(
    (item) =>
      item.string('userId') === userId &&
      (!isNarrowed || matches(section, filteredAttributes(item), selection)),
  );
  // A few records may be held for long, until those of the same date are all there: then not with all that was beside them.
  const own = 2 * wanted.length < items.length ? wanted.map((item) => item.alone()) : wanted;
  return own.map((item) => new DynamoRecord(INDEXES[section], item));
};

const userQuery = (section: Section, userId: string, selection: Selection): SectionQuery => {
  const { index, primaryKey } = INDEXES[section];
  return sectionQuery({
    index,
    partition: ['userId', userId],
    dates: dateRangeOf(section, selection),
    conditions: idConditions(section, selection).filter(({ attribute }) => !primaryKey.includes(attribute)),
  });
};

const accountQuery = (accountId: string, userId: string, selection: Selection): SectionQuery =>
  sectionQuery({
    index: ACCOUNT_INDEX,
    partition: ['accountId', accountId],
    dates: dateRangeOf('transactions', selection),
    conditions: [
      { attribute: 'userId', values: new Set([userId]) },
      ...idConditions('transactions', selection).filter(({ attribute }) => attribute !== 'accountId'),
    ],
  });
