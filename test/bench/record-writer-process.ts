/**
 * Writes a household's records into the tables of a stopped DynamoDB: where its data lies, the tables' names and the
 * household's size as JSON. A batch through DynamoDB's own interface takes five times the CPU, which a million records feel.
 */
import { newItemWrites } from '../../infra/local/dynamodb/atomic-item-writes.ts';
import {
  loadStorage,
  type BatchOperation,
  type TableDescription,
} from '../../infra/local/dynamodb/dynalite.ts';
import type { Item } from '../../infra/local/sample-household/attribute-values.ts';
import { tableNamesFrom } from '../../infra/local/application-tables.ts';
import { benchHousehold, type HouseholdSize } from './bench-household.ts';

const ITEMS_AT_ONCE = 500;

const [path = '', tableVariables = '', sizeText = ''] = process.argv.slice(2);
const tables = tableNamesFrom(JSON.parse(tableVariables) as Record<string, string>);
const household = benchHousehold(JSON.parse(sizeText) as HouseholdSize);

const storage = loadStorage();
const store = storage.create({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });

const tableNamed = (name: string): Promise<TableDescription> =>
  new Promise((resolve, reject) => {
    store.getTable(name, true, (error, table) =>
      table === undefined ? reject(error ?? new Error(`There is no table ${name}.`)) : resolve(table),
    );
  });

const write = (operations: readonly BatchOperation[]): Promise<void> =>
  new Promise((resolve, reject) => {
    store.db.batch(operations, (error) => (error ? reject(error) : resolve()));
  });

const writeItems = async (name: string, count: number, itemAt: (index: number) => Item): Promise<void> => {
  const table = await tableNamed(name);
  for (let first = 0; first < count; first += ITEMS_AT_ONCE) {
    const items = Array.from({ length: Math.min(ITEMS_AT_ONCE, count - first) }, (_, at) =>
      itemAt(first + at),
    );
    await write(items.flatMap((item) => newItemWrites(storage, table, item)));
  }
};

const { size, accounts, categories, transaction, fileRecord } = household;
await store.db.open();
await writeItems(tables.ACCOUNTS_TABLE, accounts.length, (index) => accounts[index] ?? {});
await writeItems(tables.CATEGORIES_TABLE_NAME, categories.length, (index) => categories[index] ?? {});
await writeItems(tables.FILES_TABLE, size.files, fileRecord);
await writeItems(tables.TRANSACTIONS_TABLE, size.transactions, transaction);
await store.lifecycleManager.gracefulClose();
