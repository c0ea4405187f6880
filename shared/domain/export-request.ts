import * as z from 'zod/mini';
import { InvalidRequest, type FieldProblem } from './errors.ts';
import type { Section } from './sections.ts';

export const EXPORT_TYPES = ['complete', 'selective', 'accounts_only', 'transactions_only'] as const;
export type ExportType = (typeof EXPORT_TYPES)[number];

export const EXPORT_FORMATS = ['zip', 'json'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const DESCRIPTION_LIMIT = 500;

const oneOf = (values: readonly string[]): string => `Must be one of ${values.join(', ')}.`;
const IDS = 'Must be a list of UUIDs.';
const INSTANT = 'Must be a whole number of milliseconds since 1970.';
const DESCRIPTION = `Must be a well-formed text of at most ${DESCRIPTION_LIMIT} characters.`;

const FLAG = 'Must be true or false.';

const ids = z
  .array(z.guid(IDS), IDS)
  .check(z.minLength(1, 'Must name at least one id; leave it out to take all.'));
const instant = z.int(INSTANT).check(z.nonnegative(INSTANT));

/** Half of a surrogate pair can be written in JSON, but is no text that a database must take. */
const description = z.string(DESCRIPTION).check(
  z.maxLength(DESCRIPTION_LIMIT, DESCRIPTION),
  z.refine((text) => text.isWellFormed(), DESCRIPTION),
);

export const exportRequestBody = z.strictObject(
  {
    exportType: z._default(z.enum(EXPORT_TYPES, oneOf(EXPORT_TYPES)), 'complete'),
    exportFormat: z._default(z.enum(EXPORT_FORMATS, oneOf(EXPORT_FORMATS)), 'zip'),
    includeAnalytics: z._default(z.boolean(FLAG), false),
    includeCsv: z._default(z.boolean(FLAG), false),
    description: z.optional(description),
    accountIds: z.optional(ids),
    categoryIds: z.optional(ids),
    dateRangeStart: z.optional(instant),
    dateRangeEnd: z.optional(instant),
  },
  'The body must be a JSON object.',
);

/** What a user asked for, defaults filled in. */
export const exportRequest = z.object({
  exportType: z.enum(EXPORT_TYPES),
  exportFormat: z.enum(EXPORT_FORMATS),
  includeAnalytics: z.boolean(),
  /** Whether the ZIP has accounts and transactions as CSV too. */
  includeCsv: z.boolean(),
  description: z.optional(z.string()),
  accountIds: z.optional(z.array(z.string())),
  categoryIds: z.optional(z.array(z.string())),
  /** Epoch ms, inclusive. */
  dateRangeStart: z.optional(z.number()),
  /** Epoch ms, inclusive. */
  dateRangeEnd: z.optional(z.number()),
});
export type ExportRequest = z.infer<typeof exportRequest>;

type RequestBody = z.infer<typeof exportRequestBody>;

/** The body of `POST /export` as a client writes it: what is left out has its default. */
export type ExportRequestBody = z.input<typeof exportRequestBody>;

const FILTERS = ['accountIds', 'categoryIds', 'dateRangeStart', 'dateRangeEnd'] as const;

/** What a single field cannot know: which fields go together. */
export const combinationProblems = (body: RequestBody): FieldProblem[] => {
  const problems: FieldProblem[] = [];
  if (body.exportType !== 'selective') {
    for (const filter of FILTERS.filter((name) => body[name] !== undefined)) {
      problems.push({ pointer: `/${filter}`, detail: `Does not go with exportType "${body.exportType}".` });
    }
  }
  if (body.exportFormat === 'json' && body.includeCsv) {
    problems.push({ pointer: '/includeCsv', detail: 'Does not go with exportFormat "json".' });
  }
  if (
    body.includeAnalytics &&
    (body.exportType === 'accounts_only' || body.exportType === 'transactions_only')
  ) {
    problems.push({
      pointer: '/includeAnalytics',
      detail: `Does not go with exportType "${body.exportType}".`,
    });
  }
  if ((body.dateRangeStart ?? 0) > (body.dateRangeEnd ?? Infinity)) {
    problems.push({ pointer: '/dateRangeStart', detail: 'Must not be after dateRangeEnd.' });
  }
  return problems;
};

const distinct = (list: readonly string[] | undefined): string[] | undefined =>
  list === undefined ? undefined : [...new Set(list)].sort();

/** The same wishes in the same words, so that a repeated request is known as one whatever the order of its ids. */
const normalized = ({ accountIds, categoryIds, ...body }: RequestBody): ExportRequest =>
  exportRequest.parse({ ...body, accountIds: distinct(accountIds), categoryIds: distinct(categoryIds) });

/** A JSON Pointer (RFC 6901). */
const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const fieldProblems = (error: z.core.$ZodError): FieldProblem[] =>
  error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), detail: 'Unknown field.' }))
      : [{ pointer: pointerTo(issue.path), detail: issue.message }],
  );

/**
 * Reads the body of `POST /export`; no body at all (undefined) asks for a complete export.
 * @throws InvalidRequest with a pointer for each bad field
 */
export const parseExportRequest = (body: unknown = {}): ExportRequest => {
  const parsed = exportRequestBody.safeParse(body);
  if (!parsed.success) throw new InvalidRequest(fieldProblems(parsed.error));
  const problems = combinationProblems(parsed.data);
  if (problems.length > 0) throw new InvalidRequest(problems);
  return normalized(parsed.data);
};

/** The sections that an export of this kind holds. */
export const sectionsOf = ({
  exportType,
  includeAnalytics,
}: Pick<ExportRequest, 'exportType' | 'includeAnalytics'>): readonly Section[] => {
  switch (exportType) {
    case 'accounts_only':
      return ['accounts'];
    case 'transactions_only':
      return ['transactions'];
    case 'complete':
    case 'selective':
      return [
        'accounts',
        'transactions',
        'categories',
        'fileMaps',
        'transactionFiles',
        ...(includeAnalytics ? (['analytics'] as const) : []),
      ];
  }
};
