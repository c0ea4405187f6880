import * as z from 'zod/mini';
import { EVENT_SOURCE, type EventType } from '../domain/events.ts';
import { EXPORT_FORMATS, EXPORT_TYPES } from '../domain/export-request.ts';
import { FAILURE_CATEGORIES, FAILURE_CODES } from '../domain/failures.ts';
import { SECTIONS } from '../domain/sections.ts';
import { documentation } from './documentation.ts';
import { completeness, packageHash, packageWarning, sectionCounts } from './package-figures.ts';
import { choice, count, epochMs, flag, text, uuid } from './values.ts';

/** The events as consumers of EventBridge receive them. Those who make them are held to these types by the compiler. */

const EXAMPLE_ID = 'c1a43813-cae8-5153-84b0-fdfa81249a48';

const about = {
  exportId: uuid('The id of the export.'),
  exportType: choice(EXPORT_TYPES, 'What the export holds.'),
  exportFormat: choice(EXPORT_FORMATS, 'What is made of it: a ZIP, or one JSON document.'),
};
const EXAMPLE_ABOUT = { exportId: EXAMPLE_ID, exportType: 'accounts_only', exportFormat: 'zip' };

const eventData = {
  'export.initiated': z.object({
    ...about,
    retryOf: z.optional(uuid('The failed export that operators have started again as this one.')),
  }),
  'export.completed': z.object({
    ...about,
    packageSize: count('Size of the package, in bytes.'),
    ...packageHash,
    bucket: text('The bucket that holds the package.'),
    s3Key: text('The key of the package; it goes when the package expires.'),
    dataSummary: z
      .partialRecord(z.enum(SECTIONS), sectionCounts)
      .register(documentation, { description: 'What the package holds.' }),
    completeness: completeness(),
    warnings: z.array(packageWarning),
    downloadPath: text('Path of the API that answers a link to the package, for its user.'),
  }),
  'export.failed': z.object({
    ...about,
    errorCode: choice(FAILURE_CODES, 'Why the export failed, for programs.'),
    errorCategory: choice(FAILURE_CATEGORIES, 'What kind of failure it is.'),
    retryable: flag('Whether another export may succeed without anybody having done something.'),
    error: text('Why the export failed, in a sentence for its user.'),
  }),
  'export.expired': z.object({ ...about, expiresAt: epochMs('When the package went.') }),
  'export.deleted': z.object(about),
  'export.downloaded': z.object(about),
};

const EXAMPLE_DATA: Readonly<Record<EventType, object>> = {
  'export.initiated': EXAMPLE_ABOUT,
  'export.completed': {
    ...EXAMPLE_ABOUT,
    packageSize: 1_533_406,
    sha256: '6e98a6b86ea04a5d2ffb3c8a3f9bb3c5c0a9b8e7d6f5a4b3c2d1e0f9a8b7c6d5',
    sha256Omitted: null,
    crc64nvme: null,
    bucket: 'household-export-packages',
    s3Key: 'packages/c1a43813-cae8-5153-84b0-fdfa81249a48.zip',
    dataSummary: { accounts: { expected: 6, included: 6, omitted: 0 } },
    completeness: 'complete',
    warnings: [],
    downloadPath: `/export/${EXAMPLE_ID}/download`,
  },
  'export.failed': {
    ...EXAMPLE_ABOUT,
    errorCode: 'ServiceUnavailable',
    errorCategory: 'unavailable',
    retryable: true,
    error: 'A service that holds your data did not answer for a while. Please start the export again later.',
  },
  'export.expired': { ...EXAMPLE_ABOUT, expiresAt: 1_795_596_015_830 },
  'export.deleted': EXAMPLE_ABOUT,
  'export.downloaded': EXAMPLE_ABOUT,
};

/** When each event is published. */
export const EVENT_OCCASIONS: Readonly<Record<EventType, string>> = {
  'export.initiated': 'An export was accepted.',
  'export.completed': 'The package of an export is made, has proven itself and can be downloaded.',
  'export.failed': 'An export ended without a package; nothing of it is left behind.',
  'export.expired': 'The time to download a package is over; whoever kept where it lies can forget it.',
  'export.deleted': 'A user has deleted an export; nothing of it is left.',
  'export.downloaded': 'A link to a package was issued; whether it was used only the storage knows.',
};

const detailOf = <Data extends z.ZodMiniObject>(type: EventType, data: Data) =>
  z
    .object({
      eventId: uuid('The same for every repeat of the same event: events may come twice, and in any order.'),
      eventVersion: z.literal('1.0'),
      timestamp: epochMs('When it happened.'),
      userId: text('Whose export it is.'),
      correlationId: text("One id from the user's request through everything that came of it."),
      causationId: text('What brought this event about: an event id, or the id of a request.'),
      data,
      metadata: z.object({ source: z.literal(EVENT_SOURCE) }),
    })
    .register(documentation, {
      description: EVENT_OCCASIONS[type],
      examples: [
        {
          eventId: '2f0e5a36-1d0f-5a7e-9a3b-6b1d8b6c9f01',
          eventVersion: '1.0',
          timestamp: 1_795_509_615_830,
          userId: 'user-1',
          correlationId: 'c6872f1c-6c3f-4a0e-9d52-1f4f3a3bb0a1',
          causationId: 'c6872f1c-6c3f-4a0e-9d52-1f4f3a3bb0a1',
          data: EXAMPLE_DATA[type],
          metadata: { source: EVENT_SOURCE },
        },
      ],
    });

/** By type, which is EventBridge's detail-type: the event's detail. */
export const eventDetails = {
  'export.initiated': detailOf('export.initiated', eventData['export.initiated']),
  'export.completed': detailOf('export.completed', eventData['export.completed']),
  'export.failed': detailOf('export.failed', eventData['export.failed']),
  'export.expired': detailOf('export.expired', eventData['export.expired']),
  'export.deleted': detailOf('export.deleted', eventData['export.deleted']),
  'export.downloaded': detailOf('export.downloaded', eventData['export.downloaded']),
} satisfies Record<EventType, z.ZodMiniType>;

export interface EventOf<T extends EventType> {
  readonly type: T;
  readonly detail: z.infer<(typeof eventDetails)[T]>;
}

/** An event as consumers receive it: `type` is EventBridge's detail-type, the rest is its detail. */
export type ExportEvent = { [T in EventType]: EventOf<T> }[EventType];
