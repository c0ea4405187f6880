import { compareDecimals } from './decimal-text.ts';
import type { ExportRequest } from './export-request.ts';
import type { Section } from './sections.ts';

/** Which of a user's records an export holds; an absent filter takes all. */
export interface Selection {
  readonly accountIds?: ReadonlySet<string>;
  readonly categoryIds?: ReadonlySet<string>;
  /** Epoch ms, inclusive. */
  readonly dateRangeStart?: number;
  /** Epoch ms, inclusive. */
  readonly dateRangeEnd?: number;
  /** Of transactions collected in parts: the one part that is wanted. */
  readonly datePart?: DatePart;
}

/** A range of dates; ranges meet without gap or overlap where the one ends with what the next begins with. */
export interface DatePart {
  /** Epoch ms, inclusive. */
  readonly from?: number | undefined;
  /** Epoch ms, exclusive. */
  readonly before?: number | undefined;
}

export const EVERYTHING: Selection = {};

type Filters = Pick<ExportRequest, 'accountIds' | 'categoryIds' | 'dateRangeStart' | 'dateRangeEnd'>;

/** What a request selects. */
export const selectionOf = ({
  accountIds,
  categoryIds,
  dateRangeStart,
  dateRangeEnd,
}: Filters): Selection => ({
  ...(accountIds === undefined ? {} : { accountIds: new Set(accountIds) }),
  ...(categoryIds === undefined ? {} : { categoryIds: new Set(categoryIds) }),
  ...(dateRangeStart === undefined ? {} : { dateRangeStart }),
  ...(dateRangeEnd === undefined ? {} : { dateRangeEnd }),
});

type IdAttribute = 'accountId' | 'categoryId' | 'primaryCategoryId';

interface FilteredBy {
  readonly accountIds?: IdAttribute;
  readonly categoryIds?: IdAttribute;
  readonly dateRange?: 'date';
}

/** Which attribute each filter looks at, by section; a section is not narrowed by the others (data contract, "Filters"). */
const FILTERED_BY: Readonly<Record<Section, FilteredBy>> = {
  accounts: { accountIds: 'accountId' },
  transactions: { accountIds: 'accountId', categoryIds: 'primaryCategoryId', dateRange: 'date' },
  categories: { categoryIds: 'categoryId' },
  fileMaps: { accountIds: 'accountId' },
  transactionFiles: { accountIds: 'accountId' },
  analytics: {},
};

/** A filter that names ids. */
export type IdFilter = 'accountIds' | 'categoryIds';
const ID_FILTERS: readonly IdFilter[] = ['accountIds', 'categoryIds'];

/** The filters of ids that narrow a section. */
export const idFiltersOf = (section: Section): readonly IdFilter[] =>
  ID_FILTERS.filter((filter) => FILTERED_BY[section][filter] !== undefined);

/** A record's attributes that filters look at; one that is missing or of another type is undefined. */
export interface FilteredAttributes {
  readonly accountId?: string | undefined;
  readonly categoryId?: string | undefined;
  readonly primaryCategoryId?: string | undefined;
  /** Decimal text: a stored date may have digits that a double cannot hold. */
  readonly date?: string | undefined;
}

/** An attribute that must have one of the values. */
export interface Condition {
  readonly attribute: IdAttribute;
  readonly values: ReadonlySet<string>;
}

/** What the ids of a selection demand of a section's records: all of these. */
export const idConditions = (section: Section, selection: Selection): readonly Condition[] => {
  return ID_FILTERS.flatMap((filter) => {
    const attribute = FILTERED_BY[section][filter];
    const values = selection[filter];
    return attribute === undefined || values === undefined ? [] : [{ attribute, values }];
  });
};

/** Inclusive bounds in epoch ms. */
export interface DateRange {
  readonly start?: number;
  readonly end?: number;
}

/** Not above any decimal number that rounds to this double or a greater one. */
const roundingBelow = (instant: number): number => instant - Math.max(1, Math.abs(instant) * Number.EPSILON);

/** The dates that an index must be asked for: beyond them no record of the section is selected. */
export const dateRangeOf = (
  section: Section,
  { dateRangeStart = -Infinity, dateRangeEnd = Infinity, datePart = {} }: Selection,
): DateRange | undefined => {
  if (FILTERED_BY[section].dateRange === undefined) return undefined;
  const start = Math.max(dateRangeStart, roundingBelow(datePart.from ?? -Infinity));
  const end = Math.min(dateRangeEnd, datePart.before ?? Infinity);
  if (start === -Infinity && end === Infinity) return undefined;
  return { ...(start === -Infinity ? {} : { start }), ...(end === Infinity ? {} : { end }) };
};

/** Orders stored dates, decimal texts, exactly; doubles settle nearly all of it, for rounding never turns an order round. */
export const compareDates = (a: string, b: string): number => Number(a) - Number(b) || compareDecimals(a, b);

const isWithin = (date: string | undefined, { dateRangeStart, dateRangeEnd, datePart }: Selection): boolean =>
  date !== undefined &&
  (dateRangeStart === undefined || compareDates(date, String(dateRangeStart)) >= 0) &&
  (dateRangeEnd === undefined || compareDates(date, String(dateRangeEnd)) <= 0) &&
  (datePart === undefined || isOfPart(Number(date), datePart));

/**
 * Parts are cut between dates that differ as doubles: two dates that only digits beyond a double tell apart are one day
 * to whoever adds up the package's JSON, and a day must not be torn.
 */
const isOfPart = (date: number, { from = -Infinity, before = Infinity }: DatePart): boolean =>
  date >= from && date < before;

/** Whether a record is selected; the one place that decides, however much of it a query has decided before. */
export const matches = (section: Section, attributes: FilteredAttributes, selection: Selection): boolean => {
  const isDated = dateRangeOf(section, selection) !== undefined;
  if (isDated && !isWithin(attributes.date, selection)) return false;
  return idConditions(section, selection).every(({ attribute, values }) => {
    const value = attributes[attribute];
    return value !== undefined && values.has(value);
  });
};

/** Whether the selection leaves out anything of a section at all. */
export const narrows = (section: Section, selection: Selection): boolean =>
  idConditions(section, selection).length > 0 || dateRangeOf(section, selection) !== undefined;
