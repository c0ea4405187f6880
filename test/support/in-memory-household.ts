import { IndexIncomplete } from '../../shared/domain/errors.ts';
import type { Section } from '../../shared/domain/sections.ts';
import { matches, selectionOf, type Selection } from '../../shared/domain/selection.ts';
import type { EndPage, HouseholdSource, SourceRecord, TransactionEnds } from '../../shared/ports.ts';

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const isSelected = (section: Section, record: SourceRecord, selection: Selection): boolean => {
  const date = record.value('date');
  const attributes = {
    accountId: textOf(record.value('accountId')),
    categoryId: textOf(record.value('categoryId')),
    primaryCategoryId: textOf(record.value('primaryCategoryId')),
    date: typeof date === 'number' ? String(date) : undefined,
  };
  return matches(section, attributes, selection);
};

/** Of records from the outside in. */
const endPage = (records: readonly SourceRecord[]): EndPage => {
  const dates = records.map(({ sortKey }) => Number(sortKey));
  return { count: dates.length, middle: dates[dates.length >> 1] ?? NaN, inner: dates.at(-1) ?? NaN };
};

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

  async *pages(
    section: Section,
    userId: string,
    selection: Selection,
  ): AsyncGenerator<readonly SourceRecord[]> {
    this.usersAsked.add(userId);
    for (const page of this.#pages[section] ?? []) {
      await Promise.resolve();
      this.pagesRead[section] = (this.pagesRead[section] ?? 0) + 1;
      yield page.filter((record) => isSelected(section, record, selection));
    }
    if (this.failure !== undefined) throw this.failure;
  }

  transactionEnds(
    userId: string,
    { dateRangeStart, dateRangeEnd }: Selection,
  ): Promise<TransactionEnds | undefined> {
    this.usersAsked.add(userId);
    const dates = selectionOf({ dateRangeStart, dateRangeEnd });
    const isWithin = (record: SourceRecord) => isSelected('transactions', record, dates);
    const pages = (this.#pages.transactions ?? []).map((page) => page.filter(isWithin));
    const [first, ...others] = pages.filter((page) => page.length > 0);
    const last = others.at(-1);
    return Promise.resolve(
      first === undefined || last === undefined
        ? undefined
        : { first: endPage(first), last: endPage(last.toReversed()) },
    );
  }

  first(
    section: Section,
    userId: string,
    selection: Selection,
    most: number,
  ): Promise<{ records: readonly SourceRecord[]; whole: boolean }> {
    this.usersAsked.add(userId);
    const pages = this.#pages[section] ?? [];
    const read = pages.slice(0, most).flat();
    const records = read.filter((record) => isSelected(section, record, selection));
    return Promise.resolve({ records, whole: pages.length <= most });
  }

  async count(...asked: Parameters<HouseholdSource['count']>): Promise<{ count: number; whole: boolean }> {
    const { records, whole } = await this.first(...asked);
    return { count: records.length, whole };
  }
}
