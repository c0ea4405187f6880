import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RequestRefused } from '../aws-json-endpoint.ts';
import { makeItemWritesAtomic } from './atomic-item-writes.ts';
import {
  loadAction,
  loadInputRules,
  loadStorage,
  loadValidations,
  type Action,
  type InputRules,
  type Store,
  type TableDescription,
} from './dynalite.ts';
import { readInPlace } from './reads-in-place.ts';

/** What dynalite does. TTL is not among it: it only ever answers that it is disabled. */
export const ENGINE_OPERATIONS = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'ListTagsOfResource',
  'PutItem',
  'Query',
  'Scan',
  'TagResource',
  'UntagResource',
  'UpdateItem',
  'UpdateTable',
] as const;

export type EngineOperation = (typeof ENGINE_OPERATIONS)[number];

export interface DynaliteEngine {
  /** Throws RequestRefused with DynamoDB's name of the error. */
  execute(operation: EngineOperation, input: unknown): Promise<unknown>;
  /** The top-level parameters of the operation that are not silently dropped. */
  parametersOf(operation: EngineOperation): ReadonlySet<string>;
  /** Throws RequestRefused `ResourceNotFoundException`. */
  findTable(tableName: string): Promise<TableDescription>;
  /** A record beside the tables, kept by its key. */
  readNote(key: string): unknown;
  writeNote(key: string, value: unknown): Promise<void>;
  /** Waits for writes under way and closes the database. */
  close(): Promise<void>;
}

const textOf = (body: object, ...fields: readonly string[]): string =>
  fields.map((field): unknown => Reflect.get(body, field)).find((text) => typeof text === 'string') ?? '';

const asRefusal = (error: Error): Error => {
  if (!('statusCode' in error) || !('body' in error)) return error;
  const { body, statusCode } = error;
  if (typeof body !== 'object' || body === null || typeof statusCode !== 'number') return error;
  return new RequestRefused(textOf(body, '__type'), textOf(body, 'message', 'Message'), statusCode);
};

/** A server whose parent was killed needs a moment to let go of its data; a new one waits this long for it. */
const OPEN_PATIENCE_MS = 2_000;
const OPEN_PAUSE_MS = 100;

const open = async (store: Store): Promise<void> => {
  const deadline = Date.now() + OPEN_PATIENCE_MS;
  for (;;) {
    try {
      await store.db.open();
      return;
    } catch (error) {
      if (Date.now() < deadline) await pause(OPEN_PAUSE_MS);
      else
        throw new Error('The data of DynamoDB cannot be opened. Does another process use it?', {
          cause: error,
        });
    }
  }
};

/** Opens the database in a folder, creating it when it is missing. Throws when another process has it open. */
export const openDynaliteEngine = async (dataDir: string): Promise<DynaliteEngine> => {
  const storage = loadStorage();
  makeItemWritesAtomic(storage);
  const store = storage.create({
    path: join(dataDir, 'tables'),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  await open(store);
  readInPlace(store);
  const validations = loadValidations();
  const operations = new Map<string, { action: Action; rules: InputRules }>(
    ENGINE_OPERATIONS.map((name) => [name, { action: loadAction(name), rules: loadInputRules(name) }]),
  );
  const find = (operation: EngineOperation) => {
    const found = operations.get(operation);
    if (!found) throw new Error(`dynalite has no operation ${operation}.`);
    return found;
  };

  return {
    execute: async (operation, input) => {
      const { action, rules } = find(operation);
      try {
        const checked = validations.checkTypes(input, rules.types);
        validations.checkValidations(checked, rules.types, rules.custom, store);
        return await new Promise((resolve, reject) => {
          action(store, checked, (error, output) => (error ? reject(error) : resolve(output)));
        });
      } catch (error) {
        throw error instanceof Error ? asRefusal(error) : error;
      }
    },
    parametersOf: (operation) => new Set(Object.keys(find(operation).rules.types)),
    findTable: (tableName) =>
      new Promise((resolve, reject) => {
        store.getTable(tableName, false, (error, table) =>
          table ? resolve(table) : reject(asRefusal(error ?? new Error(`No table ${tableName}.`))),
        );
      }),
    readNote: (key) => store.db.getSync(`note~${key}`),
    writeNote: (key, value) => store.db.put(`note~${key}`, value),
    close: () => store.lifecycleManager.gracefulClose(),
  };
};
