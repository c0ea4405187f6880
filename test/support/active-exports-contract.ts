import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ActiveExports } from '../../shared/ports.ts';
import { NOON } from './export-builders.ts';

/** What every adapter and double of ActiveExports must do. */
export const describeActiveExports = (name: string, open: () => Promise<ActiveExports>): void => {
  let places: ActiveExports;
  beforeAll(async () => {
    places = await open();
  });

  const reserve = (userId: string, exportId: string, cap = 2, now = NOON) =>
    places.reserve(userId, exportId, { cap, now });
  const membersOf = async (userId: string) => [...(await places.members(userId)).keys()].sort();

  describe(name, () => {
    it('gives as many places as the cap to twenty who ask at once', async () => {
      const userId = randomUUID();
      const ids = Array.from({ length: 20 }, () => randomUUID());
      const answers = await Promise.all(ids.map((id) => reserve(userId, id)));
      expect(answers.filter(Boolean)).toHaveLength(2);
      expect(await membersOf(userId)).toEqual(ids.filter((_, at) => answers[at]).sort());
    });

    it('gives an export the place it has, however often and however full', async () => {
      const userId = randomUUID();
      const ids = [randomUUID(), randomUUID()] as const;
      await Promise.all(ids.map((id) => reserve(userId, id)));
      expect(await Promise.all([...ids, ...ids].map((id) => reserve(userId, id)))).toEqual([
        true,
        true,
        true,
        true,
      ]);
      expect(await reserve(userId, randomUUID())).toBe(false);
      expect(await membersOf(userId)).toEqual([...ids].sort());
    });

    it('gives a place again when one is released', async () => {
      const userId = randomUUID();
      const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()] as const;
      await reserve(userId, first);
      await reserve(userId, second);
      await places.release(userId, [first, 'never-had-one']);
      expect(await reserve(userId, third)).toBe(true);
      expect(await membersOf(userId)).toEqual([second, third].sort());
      await places.release(userId, [second, third]);
      expect(await membersOf(userId)).toEqual([]);
      expect(await reserve(userId, first, 1)).toBe(true);
    });

    it('tells when a place was taken', async () => {
      const userId = randomUUID();
      await reserve(userId, 'export-1', 2, NOON + 5);
      expect(await places.members(userId)).toEqual(new Map([['export-1', NOON + 5]]));
    });

    it('gives nothing when there are no places at all, and lets nothing be released that is not there', async () => {
      const userId = randomUUID();
      expect(await reserve(userId, randomUUID(), 0)).toBe(false);
      await places.release(userId, [randomUUID()]);
      await places.release(userId, []);
      expect(await membersOf(userId)).toEqual([]);
    });

    it('keeps users apart, also those whose ids are awkward', async () => {
      const users = ['a', 'A', 'a/b', 'ü', '', 'active#a'].map((user) => `${randomUUID()}${user}`);
      for (const user of users) expect(await reserve(user, 'export-1', 1)).toBe(true);
    });
  });
};
