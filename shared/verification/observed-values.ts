import type { Section } from '../domain/sections.ts';
import { dateRangeOf, idConditions, type Selection } from '../domain/selection.ts';
import type { ParsedRecord } from './section-text.ts';

const IDS = ['accountId', 'categoryId', 'primaryCategoryId'] as const;

/**
 * Which values a section's records have in the attributes that filters look at. A filter demands something of each
 * attribute alone, so that the distinct values are enough to tell, and those are as few as accounts and categories.
 */
export class ObservedValues {
  readonly #ids = { accountId: new Set(), categoryId: new Set(), primaryCategoryId: new Set() };
  #earliest = Infinity;
  #latest = -Infinity;
  #undated = false;

  add(record: ParsedRecord): void {
    for (const id of IDS) this.#ids[id].add(record[id]);
    const { date } = record;
    if (typeof date !== 'number') {
      this.#undated = true;
      return;
    }
    this.#earliest = Math.min(this.#earliest, date);
    this.#latest = Math.max(this.#latest, date);
  }

  /** Whether a filter lets every record of the section through. */
  areSelected(section: Section, selection: Selection): boolean {
    const dates = dateRangeOf(section, selection);
    if (dates !== undefined) {
      const { start = -Infinity, end = Infinity } = dates;
      if (this.#undated || this.#earliest < start || this.#latest > end) return false;
    }
    return idConditions(section, selection).every(({ attribute, values }) =>
      [...this.#ids[attribute]].every((value) => typeof value === 'string' && values.has(value)),
    );
  }
}
