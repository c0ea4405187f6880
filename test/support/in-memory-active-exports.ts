import { FOLLOW_UP_MS } from '../../shared/domain/export-job.ts';
import type { ActiveExports, DueRow } from '../../shared/ports.ts';

const rowOf = (userId: string): string => `active#${userId}`;

/** Places in memory, held to the same contract suite as those in DynamoDB. */
export class InMemoryActiveExports implements ActiveExports {
  readonly #places = new Map<string, Map<string, number>>();
  /** When somebody must look at a user's row, by its key. */
  readonly dueAt = new Map<string, number>();

  reserve(userId: string, exportId: string, { cap, now }: { cap: number; now: number }): Promise<boolean> {
    const places = this.#placesAt(rowOf(userId));
    const granted = places.has(exportId) || places.size < cap;
    if (granted) {
      places.set(exportId, now);
      this.dueAt.set(rowOf(userId), now + FOLLOW_UP_MS);
    }
    return Promise.resolve(granted);
  }

  members(userId: string): Promise<ReadonlyMap<string, number>> {
    return Promise.resolve(new Map(this.#placesAt(rowOf(userId))));
  }

  release(userId: string, exportIds: readonly string[]): Promise<void> {
    for (const exportId of exportIds) this.#placesAt(rowOf(userId)).delete(exportId);
    return Promise.resolve();
  }

  membersOfRow({ key }: DueRow): Promise<ReadonlyMap<string, number>> {
    return Promise.resolve(new Map(this.#placesAt(key)));
  }

  dropFromRow({ key }: DueRow, exportId: string, reservedAt: number): Promise<void> {
    const places = this.#placesAt(key);
    if (places.get(exportId) === reservedAt) places.delete(exportId);
    return Promise.resolve();
  }

  #placesAt(row: string): Map<string, number> {
    const places = this.#places.get(row) ?? new Map<string, number>();
    this.#places.set(row, places);
    return places;
  }
}
