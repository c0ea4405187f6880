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
  const { accountIds, categoryIds } = FILTERED_BY[section];
  return [
    ...(accountIds === undefined || selection.accountIds === undefined
      ? []
      : [{ attribute: accountIds, values: selection.accountIds }]),
    ...(categoryIds === undefined || selection.categoryIds === undefined
      ? []
      : [{ attribute: categoryIds, values: selection.categoryIds }]),
  ];
};

/** Inclusive bounds in epoch ms. */
export interface DateRange {
  readonly start?: number;
  readonly end?: number;
}

/** The dates that a section's records must lie within, where the selection narrows them. */
export const dateRangeOf = (
  section: Section,
  { dateRangeStart: start, dateRangeEnd: end }: Selection,
): DateRange | undefined => {
  if (FILTERED_BY[section].dateRange === undefined || (start === undefined && end === undefined))
    return undefined;
  return { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
};

/** Orders stored dates, decimal texts, exactly; doubles settle nearly all of it, for rounding never turns an order round. */
export const compareDates = (a: string, b: string): number => Number(a) - Number(b) || compareDecimals(a, b);

const isWithin = (date: string | undefined, { start, end }: DateRange): boolean =>
  date !== undefined &&
  (start === undefined || compareDates(date, String(start)) >= 0) &&
  (end === undefined || compareDates(date, String(end)) <= 0);

/** Whether a record is selected; the one place that decides, however much of it a query has decided before. */
export const matches = (section: Section, attributes: FilteredAttributes, selection: Selection): boolean => {
  const dates = dateRangeOf(section, selection);
  if (dates !== undefined && !isWithin(attributes.date, dates)) return false;
  return idConditions(section, selection).every(({ attribute, values }) => {
    const value = attributes[attribute];
    return value !== undefined && values.has(value);
  });
};

/** Whether the selection leaves out anything of a section at all. */
export const narrows = (section: Section, selection: Selection): boolean =>
  idConditions(section, selection).length > 0 || dateRangeOf(section, selection) !== undefined;
