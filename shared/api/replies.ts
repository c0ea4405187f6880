import * as z from 'zod/mini';
import { EXPORT_FORMATS, EXPORT_TYPES } from '../domain/export-request.ts';
import { JOB_STATUSES, PHASES } from '../domain/export-status.ts';
import { FAILURE_CATEGORIES, FAILURE_CODES } from '../domain/failures.ts';
import { SECTIONS } from '../domain/sections.ts';
import { documentation } from './documentation.ts';
import { completeness, packageHash, packageWarning, sectionCounts } from './package-figures.ts';
import { choice, count, epochMs, flag, orNull, text, time, uuid } from './values.ts';

/**
 * The bodies of all answers of the HTTP API. The functions' own are held to these types by the compiler; at run time
 * nothing is checked against them, so that neither functions nor pages carry them.
 */

const EXAMPLE_ID = 'c1a43813-cae8-5153-84b0-fdfa81249a48';
const EXAMPLE_SHA256 = '6e98a6b86ea04a5d2ffb3c8a3f9bb3c5c0a9b8e7d6f5a4b3c2d1e0f9a8b7c6d5';

const exportId = () => uuid('The id of the export.');
const exportType = () => choice(EXPORT_TYPES, 'What the export holds.');
const exportFormat = () => choice(EXPORT_FORMATS, 'What is made of it: a ZIP, or one JSON document.');
const status = () => choice(JOB_STATUSES, 'What has become of the export.');
const progress = () =>
  z.int().check(z.gte(0), z.lte(100)).register(documentation, {
    description: 'How far the export is, in percent; it never goes back.',
  });
const description = () => orNull(text("The user's own note."), 'Null without one.');
const retryOf = () =>
  orNull(uuid('The failed export that operators have started again as this one.'), 'Null for any other.');
const packageSize = () => orNull(count('Size of the package, in bytes.'), 'Null while there is none.');

export const acceptedExport = z
  .object({
    exportId: exportId(),
    status: z.literal('initiated'),
    estimatedSize: orNull(count('Estimated size of the package, in bytes.'), 'Null when it is not known.'),
    estimatedCompletion: orNull(time('When it may be finished.'), 'Null when it is not known.'),
  })
  .register(documentation, {
    id: 'AcceptedExport',
    description: 'An export that has been accepted.',
    examples: [
      {
        exportId: EXAMPLE_ID,
        status: 'initiated',
        estimatedSize: 8_906_159,
        estimatedCompletion: '2026-11-23T08:40:17.764Z',
      },
    ],
  });
export type AcceptedExport = z.infer<typeof acceptedExport>;

const choosable = (what: string) =>
  z.object({
    id: orNull(text(`The id of the ${what}.`), 'Null where its record has none.'),
    name: orNull(text(`The name of the ${what}.`), 'Null where its record has none.'),
  });

const countIfKnown = (what: string) =>
  orNull(count(`How many ${what} there are.`), 'Null when there are more than can be counted quickly.');

export const exportPreview = z
  .object({
    exportType: exportType(),
    accounts: z.array(choosable('account')),
    categories: z.array(choosable('category')),
    counts: z.object({
      accounts: countIfKnown('accounts'),
      transactions: countIfKnown('transactions'),
      categories: countIfKnown('categories'),
      fileMaps: countIfKnown('file maps'),
      transactionFiles: countIfKnown('statement files'),
    }),
    estimatedSize: orNull(count('Estimated size of the package, in bytes.'), 'Null when it is not known.'),
  })
  .register(documentation, {
    id: 'ExportPreview',
    description: 'What an export without filters would hold.',
    examples: [
      {
        exportType: 'complete',
        accounts: [{ id: '1d0c7c1e-6f0a-4b52-9d0f-3f1c0b6f7a10', name: 'Everyday account' }],
        categories: [{ id: '9a1f0f4e-3c5d-4f25-8d51-5a0f6a2b7c11', name: 'Groceries' }],
        counts: { accounts: 1, transactions: 12_034, categories: 1, fileMaps: 2, transactionFiles: 24 },
        estimatedSize: 8_906_159,
      },
    ],
  });
export type ExportPreview = z.infer<typeof exportPreview>;

export const listedExport = z
  .object({
    exportId: exportId(),
    status: status(),
    exportType: exportType(),
    exportFormat: exportFormat(),
    requestedAt: epochMs('When it was asked for.'),
    completedAt: orNull(epochMs('When it was completed or failed.'), 'Null while it has not ended.'),
    expiresAt: orNull(epochMs('When its package goes, or went.'), 'Null without a package.'),
    progress: progress(),
    packageSize: packageSize(),
    description: description(),
    retryOf: retryOf(),
  })
  .register(documentation, { id: 'ListedExport', description: 'An export as a list shows it.' });
export type ListedExport = z.infer<typeof listedExport>;

export const exportList = z
  .object({
    exports: z.array(listedExport).register(documentation, { description: 'Newest first.' }),
    limit: z.int().check(z.gte(1), z.lte(100)).register(documentation, {
      description: 'How many exports a page may hold.',
    }),
    hasMore: flag('Whether there is a page after this one.'),
    nextToken: orNull(text('Asks for the page after this one.'), 'Null on the last page.'),
  })
  .register(documentation, {
    id: 'ExportList',
    description: "A page of a user's exports.",
    examples: [
      {
        exports: [
          {
            exportId: EXAMPLE_ID,
            status: 'completed',
            exportType: 'complete',
            exportFormat: 'zip',
            requestedAt: 1_795_509_614_000,
            completedAt: 1_795_509_615_830,
            expiresAt: 1_795_596_015_830,
            progress: 100,
            packageSize: 1_533_406,
            description: null,
            retryOf: null,
          },
        ],
        limit: 20,
        hasMore: false,
        nextToken: null,
      },
    ],
  });
export type ExportList = z.infer<typeof exportList>;

export const sectionProgress = z
  .object({
    count: count('Records read so far.'),
    bytes: count('Bytes of JSON written so far.'),
    done: flag('Whether all of it is read.'),
  })
  .register(documentation, { id: 'SectionProgress', description: 'How far a section of the export is.' });

export const exportStatusReply = z
  .object({
    exportId: exportId(),
    status: status(),
    progress: progress(),
    currentPhase: orNull(choice(PHASES, 'What is being done.'), 'Null before it has begun.'),
    downloadUrl: orNull(
      text('Path that answers a link to the package.'),
      'Null unless the package can be downloaded.',
    ),
    expiresAt: orNull(time('When the package goes, or went.'), 'Null without a package.'),
    error: orNull(text('Why the export failed, in a sentence for its user.')),
    errorCode: orNull(choice(FAILURE_CODES, 'Why the export failed, for programs.')),
    errorCategory: orNull(choice(FAILURE_CATEGORIES, 'What kind of failure it is.')),
    retryable: orNull(flag('Whether another export may succeed without anybody having done something.')),
    packageSize: packageSize(),
    completedAt: orNull(time('When it was completed or failed.'), 'Null while it has not ended.'),
    requestedAt: time('When it was asked for.'),
    exportType: exportType(),
    exportFormat: exportFormat(),
    includeAnalytics: flag('Whether the export holds analytics.'),
    description: description(),
    retryOf: retryOf(),
    sections: z.partialRecord(z.enum(SECTIONS), sectionProgress).register(documentation, {
      description: 'Each section that anything is known of.',
    }),
    counts: z
      .nullable(z.partialRecord(z.enum(SECTIONS), sectionCounts))
      .register(documentation, { description: 'What the package holds. Null without a package.' }),
    completeness: orNull(completeness(), 'Null without a package.'),
    warnings: z.array(packageWarning),
    ...packageHash,
  })
  .register(documentation, {
    id: 'ExportStatus',
    description: 'What has become of an export.',
    examples: [
      {
        exportId: EXAMPLE_ID,
        status: 'completed',
        progress: 100,
        currentPhase: 'completed',
        downloadUrl: `/export/${EXAMPLE_ID}/download`,
        expiresAt: '2026-11-24T08:40:15.830Z',
        error: null,
        errorCode: null,
        errorCategory: null,
        retryable: null,
        packageSize: 1_533_406,
        completedAt: '2026-11-23T08:40:15.830Z',
        requestedAt: '2026-11-23T08:40:14.000Z',
        exportType: 'accounts_only',
        exportFormat: 'zip',
        includeAnalytics: false,
        description: null,
        retryOf: null,
        sections: { accounts: { count: 6, bytes: 2_291, done: true } },
        counts: { accounts: { expected: 6, included: 6, omitted: 0 } },
        completeness: 'complete',
        warnings: [],
        sha256: EXAMPLE_SHA256,
        sha256Omitted: null,
        crc64nvme: null,
      },
    ],
  });
export type ExportStatusReply = z.infer<typeof exportStatusReply>;

export const downloadLink = z
  .object({
    downloadUrl: z.url().register(documentation, {
      description:
        'Whoever has it can fetch the package, with ranges too, until `expiresAt`. Send no token along.',
    }),
    expiresAt: time('When the link is over; ask for another then.'),
    fileName: text('The name to save the package under.'),
    packageSize: count('Size of the package, in bytes.'),
    ...packageHash,
  })
  .register(documentation, {
    id: 'DownloadLink',
    description: 'A link to a package, made for this request.',
    examples: [
      {
        downloadUrl: 'https://packages.test/exports/package.zip?signature=example',
        expiresAt: '2026-11-23T08:55:24.471Z',
        fileName: 'household-export-2026-11-23.zip',
        packageSize: 1_533_406,
        sha256: EXAMPLE_SHA256,
        sha256Omitted: null,
        crc64nvme: null,
      },
    ],
  });
export type DownloadLink = z.infer<typeof downloadLink>;

export const deletingExport = z
  .object({ exportId: exportId(), status: z.literal('deleting') })
  .register(documentation, {
    id: 'DeletingExport',
    description: 'An export that is stopped, but of which something may still be written.',
    examples: [{ exportId: EXAMPLE_ID, status: 'deleting' }],
  });
export type DeletingExport = z.infer<typeof deletingExport>;
