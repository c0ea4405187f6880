import { createRequire } from 'node:module';
import { loadMended } from './dynalite-mends.ts';

/** The parts of dynalite 4.0.0 that are used here. It has no types of its own. */
export type Item = Readonly<Record<string, unknown>>;
export type Done<T = unknown> = (error?: Error | null, value?: T) => void;
export type BatchOperation =
  | { readonly type: 'put'; readonly key: string; readonly value: unknown }
  | { readonly type: 'del'; readonly key: string };

export interface IndexDescription {
  readonly IndexName: string;
}

export interface TableDescription {
  readonly TableName: string;
  readonly TableId: string;
  readonly GlobalSecondaryIndexes?: readonly IndexDescription[];
  readonly LocalSecondaryIndexes?: readonly IndexDescription[];
}

/** The items of one table. */
export interface ItemDb {
  put(key: string, value: unknown, done: Done): void;
  del(key: string, done: Done): void;
}

export interface Store {
  readonly db: {
    open(): Promise<void>;
    get: (key: string, done: Done) => void;
    /** Undefined when there is nothing under the key. */
    getSync(key: string): unknown;
    put(key: string, value: unknown): Promise<void>;
    batch(operations: readonly BatchOperation[], done: Done): void;
  };
  readonly lifecycleManager: { gracefulClose(): Promise<void> };
  getItemDb(tableName: string): ItemDb;
  getTable(tableName: string, mustBeActive: boolean, done: Done<TableDescription>): void;
}

export interface IndexActions {
  readonly puts: readonly { readonly index: string; readonly key: string; readonly item: Item }[];
  readonly deletes: readonly { readonly index: string; readonly key: string }[];
}

export interface StorageOptions {
  readonly path: string;
  readonly createTableMs: number;
  readonly deleteTableMs: number;
  readonly updateTableMs: number;
}

export type IndexUpdate = readonly [
  store: Store,
  table: TableDescription,
  existing: Item | undefined,
  item: Item | undefined,
  done: Done,
];

export interface Storage {
  create: (options: StorageOptions) => Store;
  updateIndexes: (...update: IndexUpdate) => void;
  createKey(item: Item, table: TableDescription): string;
  getIndexActions(
    indexes: readonly IndexDescription[],
    existing: Item | undefined,
    item: Item | undefined,
    table: TableDescription,
  ): IndexActions;
}

export type Action = (store: Store, input: unknown, done: Done) => void;

/** What dynalite knows about the input of an operation. */
export interface InputRules {
  readonly types: Readonly<Record<string, unknown>>;
  readonly custom?: unknown;
}

export interface Validations {
  checkTypes(input: unknown, types: InputRules['types']): unknown;
  checkValidations(...check: [unknown, InputRules['types'], unknown, Store]): void;
}

const hasFunctions = (loaded: unknown, names: readonly string[]): loaded is Record<string, unknown> =>
  typeof loaded === 'object' &&
  loaded !== null &&
  names.every((name) => typeof Reflect.get(loaded, name) === 'function');

const isStorage = (loaded: unknown): loaded is Storage =>
  hasFunctions(loaded, ['create', 'createKey', 'getIndexActions', 'updateIndexes']);
const isValidations = (loaded: unknown): loaded is Validations =>
  hasFunctions(loaded, ['checkTypes', 'checkValidations']);
const isAction = (loaded: unknown): loaded is Action => typeof loaded === 'function';
const isInputRules = (loaded: unknown): loaded is InputRules =>
  typeof loaded === 'object' && loaded !== null && 'types' in loaded;

const require = createRequire(import.meta.url);

const load = <T>(module: string, accept: (loaded: unknown) => loaded is T): T => {
  const loaded: unknown = require(module);
  if (accept(loaded)) return loaded;
  throw new Error(`${module} is not what this version was written for.`);
};

const fileNameOf = (operation: string): string => operation.charAt(0).toLowerCase() + operation.slice(1);

export const loadStorage = (): Storage => loadMended(() => load('dynalite/db', isStorage));
export const loadValidations = (): Validations => load('dynalite/validations', isValidations);
export const loadAction = (operation: string): Action =>
  load(`dynalite/actions/${fileNameOf(operation)}`, isAction);
export const loadInputRules = (operation: string): InputRules =>
  load(`dynalite/validations/${fileNameOf(operation)}`, isInputRules);
