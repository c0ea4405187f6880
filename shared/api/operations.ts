import type { ApiFunction } from '../lambda/functions.ts';
import type { HeaderName } from './headers.ts';
import type { RefusalStatus, RefusedBy } from './refusals.ts';

import type { ParameterName } from './parameters.ts';

export interface Success {
  readonly description: string;
  /** Name of the body's schema. */
  readonly body?: string;
  /** Headers besides those of every answer. */
  readonly headers?: readonly HeaderName[];
  /** Headers that it may have. */
  readonly headersAtTimes?: readonly HeaderName[];
}

export interface Operation {
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly ParameterName[];
  readonly takesBody?: boolean;
  readonly successes: Readonly<Partial<Record<200 | 202 | 204 | 302 | 304, Success>>>;
  readonly refusals: Readonly<Partial<Record<RefusalStatus, RefusedBy>>>;
}

/** Whatever is asked: the gateway turns away who has no token or asks too often, and both can break. */
const ALWAYS = { 401: 'either', 403: 'gateway', 429: 'gateway', 500: 'either', 503: 'either' } as const;
/** A path that is not percent-encoded properly gets no further than the gateway. */
const OF_ONE_EXPORT = { ...ALWAYS, 400: 'gateway', 404: 'service' } as const;

/** What each function behind the API does, and every answer that it can give. */
export const OPERATIONS: Readonly<Record<ApiFunction, Operation>> = {
  'start-export': {
    summary: 'Start an export',
    description:
      'Accepts an export, which then runs by itself. Send an Idempotency-Key, one for each click: the same key and body are ' +
      'answered with the same export. A user may have only so many active exports.',
    parameters: ['IdempotencyKey'],
    takesBody: true,
    successes: {
      202: {
        description: 'The export is accepted.',
        body: 'AcceptedExport',
        headers: ['location', 'retry-after'],
      },
    },
    refusals: { ...ALWAYS, 400: 'service', 413: 'either', 415: 'service', 422: 'service', 429: 'either' },
  },
  'preview-export': {
    summary: 'Preview an export',
    description:
      'Accounts and categories by name, how much there is, and how large a package would be; takes no filters.',
    parameters: ['ExportType'],
    successes: { 200: { description: 'What an export would hold.', body: 'ExportPreview' } },
    refusals: { ...ALWAYS, 400: 'service' },
  },
  'list-exports': {
    summary: 'List exports',
    description: "A user's exports, newest first, page by page.",
    parameters: ['Limit', 'NextToken'],
    successes: { 200: { description: 'A page of exports.', body: 'ExportList' } },
    refusals: { ...ALWAYS, 400: 'service' },
  },
  'get-export-status': {
    summary: 'Show an export',
    description:
      'How far an export is, and what became of it. Ask again after Retry-After, with the last ETag; an answer without Retry-After has come to its end.',
    parameters: ['ExportId', 'IfNoneMatch'],
    successes: {
      200: {
        description: 'What has become of the export.',
        body: 'ExportStatus',
        headers: ['etag'],
        headersAtTimes: ['retry-after'],
      },
      304: {
        description: 'Nothing has changed since the answer with this ETag.',
        headers: ['etag'],
        headersAtTimes: ['retry-after'],
      },
    },
    refusals: OF_ONE_EXPORT,
  },
  'download-export': {
    summary: 'Get a link to a package',
    description:
      'Makes a link for this request, good for some minutes. With `Accept: application/json` it is answered as JSON, else by ' +
      'a redirect, which browsers follow when they navigate. The link takes ranges and no token.',
    parameters: ['ExportId'],
    successes: {
      200: { description: 'The link, for who accepts JSON.', body: 'DownloadLink' },
      302: {
        description: 'The link, for who does not ask for JSON.',
        body: 'DownloadLink',
        headers: ['location'],
      },
    },
    refusals: { ...OF_ONE_EXPORT, 409: 'service', 410: 'service' },
  },
  'delete-export': {
    summary: 'Delete an export',
    description:
      'Stops an export if it runs, and erases it with its package. While something of it may still be written the answer is ' +
      '202: repeat the request after Retry-After.',
    parameters: ['ExportId'],
    successes: {
      202: {
        description: 'The export is stopped and closed, but not yet all of it is erased.',
        body: 'DeletingExport',
        headers: ['location', 'retry-after'],
      },
      204: { description: 'Nothing of the export is left.' },
    },
    refusals: OF_ONE_EXPORT,
  },
};
