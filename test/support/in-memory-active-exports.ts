import type { ActiveExports } from '../../shared/ports.ts';

/** Places in memory, held to the same contract suite as those in DynamoDB. */
export class InMemoryActiveExports implements ActiveExports {
  readonly #places = new Map<string, Map<string, number>>();

  reserve(userId: string, exportId: string, { cap, now }: { cap: number; now: number }): Promise<boolean> {
    const places = this.#placesOf(userId);
    const granted = places.has(exportId) || places.size < cap;
    if (granted) places.set(exportId, now);
    return Promise.resolve(granted);
  }

  members(userId: string): Promise<ReadonlyMap<string, number>> {
    return Promise.resolve(new Map(this.#placesOf(userId)));
  }

  release(userId: string, exportIds: readonly string[]): Promise<void> {
    for (const exportId of exportIds) this.#placesOf(userId).delete(exportId);
    return Promise.resolve();
  }

  #placesOf(userId: string): Map<string, number> {
    const places = this.#places.get(userId) ?? new Map<string, number>();
    this.#places.set(userId, places);
    return places;
  }
}
