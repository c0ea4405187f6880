import type {
  BatchOperation,
  Done,
  IndexActions,
  IndexDescription,
  Item,
  Storage,
  Store,
  TableDescription,
} from './dynalite.ts';

type IndexKind = 'local' | 'global';

const indexWrites = (kind: IndexKind, tableName: string, actions: IndexActions): BatchOperation[] => {
  const placeOf = (index: string, key: string) => `index-${kind}~${tableName}~${index}~${key}`;
  return [
    ...actions.deletes.map(({ index, key }) => ({ type: 'del', key: placeOf(index, key) }) as const),
    ...actions.puts.map(
      ({ index, key, item }) => ({ type: 'put', key: placeOf(index, key), value: item }) as const,
    ),
  ];
};

const placeOf = (tableName: string, key: string): string => `item-${tableName}~${key}`;

const indexWritesOf = (
  storage: Storage,
  table: TableDescription,
  existing: Item | undefined,
  item: Item | undefined,
): readonly BatchOperation[] => {
  const writes = (kind: IndexKind, indexes: readonly IndexDescription[] = []) =>
    indexWrites(kind, table.TableName, storage.getIndexActions(indexes, existing, item, table));
  return [...writes('local', table.LocalSecondaryIndexes), ...writes('global', table.GlobalSecondaryIndexes)];
};

/** All that dynalite keeps of an item that is not there yet: itself and its index entries. */
export const newItemWrites = (storage: Storage, table: TableDescription, item: Item): BatchOperation[] => [
  ...indexWritesOf(storage, table, undefined, item),
  { type: 'put', key: placeOf(table.TableName, storage.createKey(item, table)), value: item },
];

/**
 * Makes dynalite write an item and its index entries in one batch, so that a process that is killed leaves no index
 * entry without its item. dynalite announces the change of the indexes, then writes the item under a lock on its key:
 * the first is kept back until the second comes.
 */
export const makeItemWritesAtomic = (storage: Storage): void => {
  const announced = new Map<string, readonly BatchOperation[]>();
  const { create } = storage;

  const takeAnnounced = (place: string): readonly BatchOperation[] => {
    const writes = announced.get(place) ?? [];
    announced.delete(place);
    return writes;
  };

  storage.updateIndexes = (...[, table, existing, item, done]) => {
    const changed = item ?? existing;
    if (changed) {
      const place = placeOf(table.TableName, storage.createKey(changed, table));
      announced.set(place, indexWritesOf(storage, table, existing, item));
    }
    done();
  };

  const withAtomicWrites = (store: Store): Store => {
    const getItemDb = store.getItemDb.bind(store);
    store.getItemDb = (tableName) => {
      const write = (operation: BatchOperation, done: Done) =>
        store.db.batch([...takeAnnounced(operation.key), operation], done);
      return Object.assign(getItemDb(tableName), {
        put: (key: string, value: unknown, done: Done) =>
          write({ type: 'put', key: placeOf(tableName, key), value }, done),
        del: (key: string, done: Done) => write({ type: 'del', key: placeOf(tableName, key) }, done),
      });
    };
    return store;
  };

  storage.create = (options) => withAtomicWrites(create(options));
};
