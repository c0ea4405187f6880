import { combinationProblems, sectionsOf, type ExportFormat } from '../domain/export-request.ts';
import { completenessOf, type Manifest } from '../domain/manifest.ts';
import { mediaTypeOf } from '../domain/media-type.ts';
import { SECTIONS } from '../domain/sections.ts';
import { corrupted, countWrong, shownPath } from './broken-package.ts';

const SUMMARY_FIELDS = {
  accounts: 'accountsCount',
  transactions: 'transactionsCount',
  categories: 'categoriesCount',
  fileMaps: 'fileMapsCount',
  transactionFiles: 'transactionFilesCount',
  analytics: 'analyticsCount',
} as const;

const sameText = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const contradiction = (fact: string): Error => corrupted('MANIFEST_CONTRADICTION', fact);

const checkRequest = (manifest: Manifest, format: ExportFormat): void => {
  if (manifest.exportFormat !== format) {
    throw contradiction('The manifest is that of a package in another format.');
  }
  if (manifest.filesIncluded !== (format === 'zip')) {
    throw contradiction('The manifest is wrong about whether statement files are included.');
  }
  for (const field of ['exportType', 'exportFormat', 'includeAnalytics', 'includeCsv'] as const) {
    if (manifest.parameters[field] !== manifest[field]) {
      throw contradiction(`The manifest states ${field} twice, and not the same.`);
    }
  }
  for (const filter of ['accountIds', 'categoryIds', 'dateRangeStart', 'dateRangeEnd'] as const) {
    if (!sameText(manifest.parameters[filter], manifest.filters[filter])) {
      throw contradiction(`The manifest states the filter ${filter} twice, and not the same.`);
    }
  }
};

const checkFilters = ({ exportType, parameters, filters }: Manifest): void => {
  const [problem] = combinationProblems(parameters);
  if (problem !== undefined) {
    throw contradiction(`The manifest is that of a request that is refused for its ${problem.pointer}.`);
  }
  if (exportType !== 'selective' && Object.keys(filters).length > 0) {
    throw contradiction('The manifest has filters although the export is not selective.');
  }
};

const checkTimes = ({ exportTimestamp, startedAt }: Manifest): void => {
  if (startedAt < exportTimestamp)
    throw contradiction('The manifest says that it was begun before it was asked for.');
};

const checkMediaTypes = ({ entries }: Manifest, format: ExportFormat): void => {
  const expected = (path: string): string => (format === 'json' ? 'application/json' : mediaTypeOf(path));
  for (const { path, mediaType } of entries) {
    if (mediaType !== expected(path)) {
      throw contradiction(`The manifest gives ${shownPath(path)} another media type than its name does.`);
    }
  }
};

const checkOmissions = ({ omissions, completeness, counts, filesIncluded }: Manifest): void => {
  if (completeness !== completenessOf(omissions)) {
    throw contradiction(`The manifest says "${completeness}", but its list of omissions says otherwise.`);
  }
  if (!filesIncluded && omissions.length > 0) {
    throw contradiction('The manifest lists omitted files although it includes none.');
  }
  for (const section of SECTIONS) {
    const omitted = omissions.filter((omission) => omission.section === section).length;
    if (omitted !== (counts[section]?.omitted ?? 0)) {
      throw countWrong(
        'OMISSION_COUNT',
        `The manifest does not list as many omitted ${section} as it counts.`,
      );
    }
  }
};

const checkSums = ({ counts, dataSummary }: Manifest): void => {
  for (const section of SECTIONS) {
    const { expected, included, omitted } = counts[section] ?? { expected: 0, included: 0, omitted: 0 };
    if (expected !== included + omitted) {
      throw countWrong('SECTION_COUNT', `The counts of the section ${section} do not add up.`);
    }
    if (dataSummary[SUMMARY_FIELDS[section]] !== expected) {
      throw countWrong('SUMMARY_COUNT', `The summary gives another count for the section ${section}.`);
    }
  }
};

const checkSections = (manifest: Manifest): void => {
  const wanted = sectionsOf(manifest);
  if (!SECTIONS.every((section) => wanted.includes(section) === (manifest.counts[section] !== undefined))) {
    throw contradiction('The manifest does not count the sections that such an export has.');
  }
};

const checkChecksums = ({ checksums, entries }: Manifest): void => {
  const listed = Object.fromEntries(entries.map(({ path, sha256 }) => [path, `sha256:${sha256}`]));
  const differs = Object.entries(checksums).some(([path, sum]) => listed[path] !== sum);
  if (differs || Object.keys(checksums).length !== entries.length) {
    throw contradiction('The manifest states the checksums of its entries twice, and not the same.');
  }
};

/**
 * Whether the manifest agrees with itself.
 * @throws PackageCorrupted
 * @throws PackageCountsWrong
 */
export const checkManifest = (manifest: Manifest, format: ExportFormat): void => {
  checkRequest(manifest, format);
  checkFilters(manifest);
  checkTimes(manifest);
  checkSections(manifest);
  checkChecksums(manifest);
  checkMediaTypes(manifest, format);
  checkSums(manifest);
  checkOmissions(manifest);
};
