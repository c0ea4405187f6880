import type { DueRow, DueRows } from '../../shared/ports.ts';
import type { InMemoryActiveExports } from './in-memory-active-exports.ts';
import type { InMemoryJobStore } from './in-memory-job-store.ts';

/** The index over the jobs and places in memory, held to the same contract suite as the one in DynamoDB. */
export class InMemoryDueRows implements DueRows {
  readonly #jobs: InMemoryJobStore;
  readonly #places: InMemoryActiveExports;
  readonly #setbacks = new Map<string, number>();

  constructor(jobs: InMemoryJobStore, places: InMemoryActiveExports) {
    this.#jobs = jobs;
    this.#places = places;
  }

  find(now: number, limit: number): Promise<readonly DueRow[]> {
    const due = this.#all().filter(({ dueAt }) => dueAt <= now);
    return Promise.resolve(due.sort((a, b) => a.dueAt - b.dueAt).slice(0, limit));
  }

  take(row: DueRow, until: number): Promise<DueRow | undefined> {
    if (!this.#unchanged(row)) return Promise.resolve(undefined);
    const taken = { ...row, dueAt: until, setbacks: row.setbacks + 1 };
    this.#setbacks.set(row.key, taken.setbacks);
    this.#setDueAt(row, until);
    return Promise.resolve(taken);
  }

  putBack(taken: DueRow, dueAt: number | undefined): Promise<void> {
    if (this.#unchanged(taken)) {
      this.#setbacks.delete(taken.key);
      this.#setDueAt(taken, dueAt);
    }
    return Promise.resolve();
  }

  #all(): DueRow[] {
    const places = [...this.#places.dueAt].map(([key, dueAt]) => ({ about: 'places' as const, key, dueAt }));
    const jobs = this.#jobs.all().flatMap(({ exportId: key, dueAt }) => {
      return dueAt === undefined ? [] : [{ about: 'export' as const, key, dueAt }];
    });
    return [...places, ...jobs].map((row) => ({ ...row, setbacks: this.#setbacks.get(row.key) ?? 0 }));
  }

  #unchanged({ key, dueAt }: DueRow): boolean {
    return this.#all().some((row) => row.key === key && row.dueAt === dueAt);
  }

  #setDueAt({ about, key }: DueRow, dueAt: number | undefined): void {
    if (about === 'export') this.#jobs.setDueAt(key, dueAt);
    else if (dueAt === undefined) this.#places.dueAt.delete(key);
    else this.#places.dueAt.set(key, dueAt);
  }
}
