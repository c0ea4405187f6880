import * as z from 'zod/mini';
import type { JsonRecord } from '../domain/json-record.ts';
import type { Section } from '../domain/sections.ts';
import { dateRangeOf, idConditions, type Selection } from '../domain/selection.ts';

const IDS = ['accountId', 'categoryId', 'primaryCategoryId'] as const;

/** Null stands for whatever is no text. */
const ids = z.array(z.nullable(z.string()));

/** Observed values as they are written down. */
export const observedState = z.object({
  ids: z.object({ accountId: ids, categoryId: ids, primaryCategoryId: ids }),
  /** As text, because JSON has no infinity. */
  earliest: z.string(),
  latest: z.string(),
  undated: z.boolean(),
});
export type ObservedState = z.infer<typeof observedState>;

const NOTHING_OBSERVED: ObservedState = {
  ids: { accountId: [], categoryId: [], primaryCategoryId: [] },
  earliest: 'Infinity',
  latest: '-Infinity',
  undated: false,
};

/**
 * Which values a section's records have in the attributes that filters look at. A filter demands something of each
 * attribute alone, so that the distinct values are enough to tell, and those are as few as accounts and categories.
 */
export class ObservedValues {
  readonly #ids: Readonly<Record<(typeof IDS)[number], Set<string | null>>>;
  #earliest: number;
  #latest: number;
  #undated: boolean;

  constructor(state = NOTHING_OBSERVED) {
    this.#ids = {
      accountId: new Set(state.ids.accountId),
      categoryId: new Set(state.ids.categoryId),
      primaryCategoryId: new Set(state.ids.primaryCategoryId),
    };
    this.#earliest = Number(state.earliest);
    this.#latest = Number(state.latest);
    this.#undated = state.undated;
  }

  add(record: JsonRecord): void {
    for (const attribute of IDS) {
      const id = record[attribute];
      this.#ids[attribute].add(typeof id === 'string' ? id : null);
    }
    const { date } = record;
    if (typeof date !== 'number') {
      this.#undated = true;
      return;
    }
    this.#earliest = Math.min(this.#earliest, date);
    this.#latest = Math.max(this.#latest, date);
  }

  state(): ObservedState {
    const { accountId, categoryId, primaryCategoryId } = this.#ids;
    return {
      ids: {
        accountId: [...accountId],
        categoryId: [...categoryId],
        primaryCategoryId: [...primaryCategoryId],
      },
      earliest: String(this.#earliest),
      latest: String(this.#latest),
      undated: this.#undated,
    };
  }

  /** Whether a filter lets every record of the section through. */
  areSelected(section: Section, selection: Selection): boolean {
    const dates = dateRangeOf(section, selection);
    if (dates !== undefined) {
      const { start = -Infinity, end = Infinity } = dates;
      if (this.#undated || this.#earliest < start || this.#latest > end) return false;
    }
    return idConditions(section, selection).every(({ attribute, values }) =>
      [...this.#ids[attribute]].every((value) => value !== null && values.has(value)),
    );
  }
}
