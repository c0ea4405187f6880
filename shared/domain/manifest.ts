import * as z from 'zod/mini';
import { controlTotal } from './control-total.ts';
import { EXPORT_FORMATS, EXPORT_TYPES, exportRequest, type ExportRequest } from './export-request.ts';
import { SECTIONS, type Section } from './sections.ts';

export const EXPORT_FORMAT_VERSION = '1.0';

/** Why a statement file's bytes are not in the package. Stable: programs may depend on them. */
export const OMISSION_CODES = ['MISSING_OBJECT', 'ARCHIVED_OBJECT', 'FOREIGN_KEY', 'NO_KEY'] as const;
export type OmissionCode = (typeof OMISSION_CODES)[number];

const OMISSION_REASONS: Readonly<Record<OmissionCode, string>> = {
  MISSING_OBJECT: 'The file is no longer in the storage of the application.',
  ARCHIVED_OBJECT: 'The file lies in an archive from which it must be restored first.',
  FOREIGN_KEY: "The record points to a place outside this user's files, which is never read.",
  NO_KEY: 'The record does not say where the file is.',
};

export const omission = z.strictObject({
  section: z.enum(SECTIONS),
  id: z.string(),
  /** Where the bytes would have been in the package. */
  expectedPath: z.string(),
  code: z.enum(OMISSION_CODES),
  reason: z.string(),
});
export type Omission = z.infer<typeof omission>;

export const omittedFile = (id: string, expectedPath: string, code: OmissionCode): Omission => ({
  section: 'transactionFiles',
  id,
  expectedPath,
  code,
  reason: OMISSION_REASONS[code],
});

export const sectionCounts = z.strictObject({
  /** Records that were read. */
  expected: z.number(),
  /** Records in the package whose file bytes, where they have some, are there too. */
  included: z.number(),
  omitted: z.number(),
});
export type SectionCounts = z.infer<typeof sectionCounts>;

/** A package in figures: what its job, its event and its status tell. */
export const packageSummary = z.object({
  s3Key: z.string(),
  /** Bytes. */
  packageSize: z.number(),
  /** Hex, of the whole package; null when none is known: while it is not verified, or when it is too large for one. */
  sha256: z.nullable(z.string()),
  /** Base64, S3's CRC-64/NVME of the whole package, where no SHA-256 stands for it. */
  crc64nvme: z.optional(z.string()),
  completeness: z.enum(['complete', 'partial']),
  counts: z.partialRecord(z.enum(SECTIONS), sectionCounts),
  /** What a reader should know, by code and how often. */
  warnings: z.array(z.object({ code: z.string(), count: z.number() })),
});
export type PackageSummary = z.infer<typeof packageSummary>;

export const packageEntry = z.strictObject({
  /** Path in the ZIP, or JSON Pointer in the JSON document. */
  path: z.string(),
  bytes: z.number(),
  /** Hex. */
  sha256: z.string(),
  mediaType: z.string(),
});
export type PackageEntry = z.infer<typeof packageEntry>;

/** What a reader should know although nothing is missing for it. Stable: programs may depend on them. */
export const WARNING_CODES = [
  'DANGLING_REFERENCE',
  'TRANSACTION_COUNT_DIFFERS',
  'FILE_SIZE_DIFFERS',
  'AMOUNT_MISSING',
] as const;
export type WarningCode = (typeof WARNING_CODES)[number];

export const warning = z.strictObject({
  code: z.enum([...WARNING_CODES, ...OMISSION_CODES]),
  section: z.enum(SECTIONS),
  count: z.number(),
  /** The first of them, at most twenty. */
  examples: z.array(
    z.strictObject({ id: z.string(), attribute: z.optional(z.string()), refersTo: z.optional(z.string()) }),
  ),
});
export type Warning = z.infer<typeof warning>;

const filters = z.strictObject({
  accountIds: z.optional(z.array(z.string())),
  categoryIds: z.optional(z.array(z.string())),
  dateRangeStart: z.optional(z.number()),
  dateRangeEnd: z.optional(z.number()),
  /** Ids that were asked for and are none of the user's. */
  notFound: z.optional(z.strictObject({ accountIds: z.array(z.string()), categoryIds: z.array(z.string()) })),
  /** Parents of exported categories that are not in the package themselves. */
  referencedCategories: z.optional(z.array(z.string())),
});
export type ManifestFilters = z.infer<typeof filters>;

/** A time in UTC as `Date` writes it, so that texts compare as times. */
const instant = z.iso.datetime({ precision: 3 });

/** `manifest.json`, or the `manifest` of a JSON package, as this version writes it; keys in the order of writing. */
export const manifest = z.strictObject({
  exportFormatVersion: z.literal(EXPORT_FORMAT_VERSION),
  exportFormat: z.enum(EXPORT_FORMATS),
  exportId: z.string(),
  exportType: z.enum(EXPORT_TYPES),
  exportTimestamp: instant,
  startedAt: instant,
  userId: z.string(),
  /** Version of the household application, or `unknown`. */
  housef3Version: z.string(),
  includeAnalytics: z.boolean(),
  includeCsv: z.boolean(),
  parameters: z.strictObject(exportRequest.shape),
  filters,
  filesIncluded: z.boolean(),
  completeness: z.enum(['complete', 'partial']),
  omissions: z.array(omission),
  warnings: z.array(warning),
  counts: z.partialRecord(z.enum(SECTIONS), sectionCounts),
  dataSummary: z.record(z.string(), z.number()),
  controlTotals: z.array(controlTotal),
  transactionsByMonth: z.record(z.string(), z.number()),
  compatibility: z.strictObject({
    minimumFormatVersion: z.string(),
    supportedFormatVersions: z.array(z.string()),
  }),
  checksums: z.record(z.string(), z.string()),
  entries: z.array(packageEntry),
});
export type Manifest = z.infer<typeof manifest>;

/** What only the making of a package can know; all else in its manifest follows from it. */
export interface ManifestFacts {
  readonly exportId: string;
  readonly userId: string;
  readonly request: ExportRequest;
  /** Epoch ms. */
  readonly requestedAt: number;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly applicationVersion: string;
  readonly filters: ManifestFilters;
  readonly entries: readonly PackageEntry[];
  readonly counts: PackageSummary['counts'];
  readonly omissions: readonly Omission[];
  readonly warnings: readonly Warning[];
  readonly controlTotals: Manifest['controlTotals'];
  readonly transactionsByMonth: Readonly<Record<string, number>>;
}

const recordsOf = (counts: PackageSummary['counts'], section: Section): number =>
  counts[section]?.expected ?? 0;

export const manifestOf = (facts: ManifestFacts): Manifest => ({
  exportFormatVersion: EXPORT_FORMAT_VERSION,
  exportFormat: facts.request.exportFormat,
  exportId: facts.exportId,
  exportType: facts.request.exportType,
  exportTimestamp: new Date(facts.requestedAt).toISOString(),
  startedAt: new Date(facts.startedAt).toISOString(),
  userId: facts.userId,
  housef3Version: facts.applicationVersion,
  includeAnalytics: facts.request.includeAnalytics,
  includeCsv: facts.request.includeCsv,
  parameters: facts.request,
  filters: facts.filters,
  filesIncluded: facts.request.exportFormat === 'zip',
  completeness: completenessOf(facts.omissions),
  omissions: [...facts.omissions],
  warnings: [...facts.warnings],
  counts: facts.counts,
  dataSummary: {
    accountsCount: recordsOf(facts.counts, 'accounts'),
    transactionsCount: recordsOf(facts.counts, 'transactions'),
    categoriesCount: recordsOf(facts.counts, 'categories'),
    fileMapsCount: recordsOf(facts.counts, 'fileMaps'),
    transactionFilesCount: recordsOf(facts.counts, 'transactionFiles'),
    analyticsCount: recordsOf(facts.counts, 'analytics'),
  },
  controlTotals: facts.controlTotals,
  transactionsByMonth: { ...facts.transactionsByMonth },
  compatibility: {
    minimumFormatVersion: EXPORT_FORMAT_VERSION,
    supportedFormatVersions: [EXPORT_FORMAT_VERSION],
  },
  checksums: Object.fromEntries(facts.entries.map(({ path, sha256 }) => [path, `sha256:${sha256}`])),
  entries: [...facts.entries],
});

export const completenessOf = (omissions: readonly Omission[]): PackageSummary['completeness'] =>
  omissions.length === 0 ? 'complete' : 'partial';

/** The text of `checksums.sha256`, which `sha256sum -c` reads. */
export const checksumsText = (entries: readonly PackageEntry[]): string =>
  entries.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join('');
