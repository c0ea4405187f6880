import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

interface Mend {
  readonly faulty: string;
  readonly mended: string;
}

const MENDS: readonly Mend[] = [
  {
    // An index entry was told apart from others with the same index key by 24 bits of a hash of the table's key, so
    // that items vanished from the index. The table's whole key tells them apart for certain.
    faulty: 'return createKey(item, table, keySchema) + hashPrefix.apply(this, tableKeyPieces)',
    mended: 'return createKey(item, table, keySchema) + createKey(item, table)',
  },
  {
    // LevelDB's iterators have no return(), so that each query left one open, and with it a snapshot of the database.
    faulty: 'iterator.return',
    mended: 'iterator.close',
  },
];

const mend = (source: string): string =>
  MENDS.reduce((text, { faulty, mended }) => {
    if (!text.includes(faulty)) throw new Error(`dynalite has changed; it no longer contains: ${faulty}`);
    return text.replaceAll(faulty, mended);
  }, source);

/**
 * Mends dynalite's storage module while it is loaded by `load`.
 * Throws when dynalite is no longer what the mends were made for, or when its storage was loaded before.
 */
export const loadMended = <T>(load: () => T): T => {
  const seen: string[] = [];
  const hooks = registerHooks({
    load: (url, context, nextLoad) => {
      if (!url.endsWith('/dynalite/db/index.js')) return nextLoad(url, context);
      seen.push(url);
      return {
        format: 'commonjs',
        source: mend(readFileSync(fileURLToPath(url), 'utf8')),
        shortCircuit: true,
      };
    },
  });
  try {
    const loaded = load();
    if (seen.length === 0) throw new Error('dynalite was loaded without its mends.');
    return loaded;
  } finally {
    hooks.deregister();
  }
};
