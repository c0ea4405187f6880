import type { Store } from './dynalite.ts';

/**
 * Makes dynalite read in place. LevelDB finds an item in its cache within microseconds; handing each read over to
 * another thread, and its result back, takes many times as long.
 */
export const readInPlace = ({ db }: Store): void => {
  db.get = (key, done) => {
    try {
      process.nextTick(done, null, db.getSync(key));
    } catch (error) {
      process.nextTick(done, error);
    }
  };
};
