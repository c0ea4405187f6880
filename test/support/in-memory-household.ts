import { IndexIncomplete } from '../../shared/domain/errors.ts';
import type { Section } from '../../shared/domain/sections.ts';
import type { HouseholdSource, SourceRecord } from '../../shared/ports.ts';

/** Pages of records by section, the same for every user; what a test wants to go wrong, it sets. */
export class InMemoryHousehold implements HouseholdSource {
  readonly #pages: Readonly<Partial<Record<Section, readonly (readonly SourceRecord[])[]>>>;
  readonly pagesRead: Partial<Record<Section, number>> = {};
  readonly usersAsked = new Set<string>();
  incomplete: Section | undefined;
  /** Thrown after the last page. */
  failure: Error | undefined;

  constructor(pages: Readonly<Partial<Record<Section, readonly (readonly SourceRecord[])[]>>> = {}) {
    this.#pages = pages;
  }

  assertComplete(sections: readonly Section[]): Promise<void> {
    return this.incomplete !== undefined && sections.includes(this.incomplete)
      ? Promise.reject(new IndexIncomplete('An index is incomplete.'))
      : Promise.resolve();
  }

  async *pages(section: Section, userId: string): AsyncGenerator<readonly SourceRecord[]> {
    this.usersAsked.add(userId);
    for (const page of this.#pages[section] ?? []) {
      await Promise.resolve();
      this.pagesRead[section] = (this.pagesRead[section] ?? 0) + 1;
      yield page;
    }
    if (this.failure !== undefined) throw this.failure;
  }

  count(section: Section, userId: string, pages: number): Promise<{ count: number; whole: boolean }> {
    this.usersAsked.add(userId);
    const all = this.#pages[section] ?? [];
    const count = all.slice(0, pages).reduce((sum, page) => sum + page.length, 0);
    return Promise.resolve({ count, whole: all.length <= pages });
  }
}
