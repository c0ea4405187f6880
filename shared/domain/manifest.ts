import * as z from 'zod/mini';
import type { ExportRequest } from './export-request.ts';
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

export interface Omission {
  readonly section: Section;
  readonly id: string;
  /** Where the bytes would have been in the package. */
  readonly expectedPath: string;
  readonly code: OmissionCode;
  readonly reason: string;
}

export const omittedFile = (id: string, expectedPath: string, code: OmissionCode): Omission => ({
  section: 'transactionFiles',
  id,
  expectedPath,
  code,
  reason: OMISSION_REASONS[code],
});

export const sectionCounts = z.object({
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
  /** Hex, of the whole package. */
  sha256: z.string(),
  completeness: z.enum(['complete', 'partial']),
  counts: z.partialRecord(z.enum(SECTIONS), sectionCounts),
  /** What a reader should know, by code and how often. */
  warnings: z.array(z.object({ code: z.string(), count: z.number() })),
});
export type PackageSummary = z.infer<typeof packageSummary>;

export interface PackageEntry {
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly mediaType: string;
}

export interface ManifestFacts {
  readonly exportId: string;
  readonly userId: string;
  readonly request: ExportRequest;
  /** Epoch ms. */
  readonly requestedAt: number;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Version of the household application, or `unknown`. */
  readonly applicationVersion: string;
  readonly entries: readonly PackageEntry[];
  readonly counts: PackageSummary['counts'];
  readonly omissions: readonly Omission[];
  /** Number of transactions by UTC month (`2026-11`). */
  readonly transactionsByMonth: Readonly<Record<string, number>>;
}

const recordsOf = (counts: PackageSummary['counts'], section: Section): number =>
  counts[section]?.expected ?? 0;

/** The manifest's object, keys in the order in which it is written. */
export const manifestOf = (facts: ManifestFacts) => ({
  exportFormatVersion: EXPORT_FORMAT_VERSION,
  exportId: facts.exportId,
  exportType: facts.request.exportType,
  exportTimestamp: new Date(facts.requestedAt).toISOString(),
  startedAt: new Date(facts.startedAt).toISOString(),
  userId: facts.userId,
  housef3Version: facts.applicationVersion,
  includeAnalytics: facts.request.includeAnalytics,
  filters: {},
  completeness: completenessOf(facts.omissions),
  omissions: facts.omissions,
  counts: facts.counts,
  dataSummary: {
    accountsCount: recordsOf(facts.counts, 'accounts'),
    transactionsCount: recordsOf(facts.counts, 'transactions'),
    categoriesCount: recordsOf(facts.counts, 'categories'),
    fileMapsCount: recordsOf(facts.counts, 'fileMaps'),
    transactionFilesCount: recordsOf(facts.counts, 'transactionFiles'),
    analyticsCount: recordsOf(facts.counts, 'analytics'),
  },
  transactionsByMonth: facts.transactionsByMonth,
  compatibility: {
    minimumFormatVersion: EXPORT_FORMAT_VERSION,
    supportedFormatVersions: [EXPORT_FORMAT_VERSION],
  },
  checksums: Object.fromEntries(facts.entries.map(({ path, sha256 }) => [path, `sha256:${sha256}`])),
  entries: facts.entries,
});

export const completenessOf = (omissions: readonly Omission[]): PackageSummary['completeness'] =>
  omissions.length === 0 ? 'complete' : 'partial';

/** The text of `checksums.sha256`, which `sha256sum -c` reads. */
export const checksumsText = (entries: readonly PackageEntry[]): string =>
  entries.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join('');
