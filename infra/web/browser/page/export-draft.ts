import type { ExportRequestBody } from '../../../../shared/domain/export-request.ts';
import { DATE_PRESETS, dateRangeOf, type DatePreset } from './date-range.ts';
import { isRecord } from './is-record.ts';

export const EXPORT_TYPES = ['complete', 'selective', 'accounts_only', 'transactions_only'] as const;
export type ExportType = (typeof EXPORT_TYPES)[number];

export const DESCRIPTION_LIMIT = 500;

/** What stands in the form, also while it does not fit together. */
export interface ExportDraft {
  readonly exportType: ExportType;
  readonly exportFormat: 'zip' | 'json';
  readonly includeAnalytics: boolean;
  readonly includeCsv: boolean;
  readonly description: string;
  /** None stands for all. */
  readonly accountIds: readonly string[];
  /** None stands for all. */
  readonly categoryIds: readonly string[];
  readonly dates: DatePreset;
  readonly from: string;
  readonly to: string;
}

export const EMPTY_DRAFT: ExportDraft = {
  exportType: 'complete',
  exportFormat: 'zip',
  includeAnalytics: false,
  includeCsv: false,
  description: '',
  accountIds: [],
  categoryIds: [],
  dates: 'all',
  from: '',
  to: '',
};

/** Whether analytics can be part of such an export. */
export const takesAnalytics = ({ exportType }: ExportDraft): boolean =>
  exportType === 'complete' || exportType === 'selective';

/** Whether tables can be part of such an export. */
export const takesCsv = ({ exportFormat }: ExportDraft): boolean => exportFormat === 'zip';

const selection = (draft: ExportDraft, now: Date): Partial<ExportRequestBody> => ({
  ...(draft.accountIds.length > 0 ? { accountIds: [...draft.accountIds] } : {}),
  ...(draft.categoryIds.length > 0 ? { categoryIds: [...draft.categoryIds] } : {}),
  ...dateRangeOf(draft.dates, draft, now),
});

/** What `POST /export` is sent for a form: only what goes together, and dates as they are meant at this moment. */
export const requestBodyOf = (draft: ExportDraft, now: Date): ExportRequestBody => {
  const description = draft.description.trim();
  return {
    exportType: draft.exportType,
    exportFormat: draft.exportFormat,
    includeAnalytics: draft.includeAnalytics && takesAnalytics(draft),
    includeCsv: draft.includeCsv && takesCsv(draft),
    ...(description === '' ? {} : { description }),
    ...(draft.exportType === 'selective' ? selection(draft, now) : {}),
  };
};

export type DraftProblems = Partial<Record<'dates' | 'description', string>>;

/** What a person can put right before anything is sent. */
export const draftProblems = (draft: ExportDraft): DraftProblems => {
  const hasOwnDates = draft.exportType === 'selective' && draft.dates === 'own';
  const isBackwards = hasOwnDates && draft.from !== '' && draft.to !== '' && draft.from > draft.to;
  return {
    ...(isBackwards ? { dates: 'The first day is after the last one.' } : {}),
    ...(draft.description.trim().length > DESCRIPTION_LIMIT
      ? { description: `The note is longer than ${DESCRIPTION_LIMIT} characters.` }
      : {}),
  };
};

const oneOf = <T extends string>(values: readonly T[], value: unknown): T | undefined =>
  values.find((known) => known === value);

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A form as it was kept; whatever cannot be read of it is as in an empty one. */
export const revivedDraft = (kept: unknown): ExportDraft => {
  if (!isRecord(kept)) return EMPTY_DRAFT;
  return {
    exportType: oneOf(EXPORT_TYPES, kept['exportType']) ?? EMPTY_DRAFT.exportType,
    exportFormat: oneOf(['zip', 'json'], kept['exportFormat']) ?? EMPTY_DRAFT.exportFormat,
    includeAnalytics: kept['includeAnalytics'] === true,
    includeCsv: kept['includeCsv'] === true,
    description: text(kept['description']),
    accountIds: texts(kept['accountIds']),
    categoryIds: texts(kept['categoryIds']),
    dates: oneOf(DATE_PRESETS, kept['dates']) ?? EMPTY_DRAFT.dates,
    from: text(kept['from']),
    to: text(kept['to']),
  };
};
