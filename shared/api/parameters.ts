import { EXPORT_TYPES } from '../domain/export-request.ts';

/** What a request says besides its body. */
export const PARAMETERS = {
  ExportId: {
    ...{ name: 'exportId', in: 'path', required: true },
    description: 'The id of the export.',
    schema: { type: 'string', minLength: 1 },
    example: 'c1a43813-cae8-5153-84b0-fdfa81249a48',
  },
  CorrelationId: {
    ...{ name: 'x-correlation-id', in: 'header' },
    description:
      'Carried by all that comes of the request, down to the last event; by default the id of the request.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,64}$' },
  },
  IdempotencyKey: {
    ...{ name: 'idempotency-key', in: 'header' },
    description: 'One for each click: the same key and body start only one export.',
    schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
    example: '5c1a6c2e-0d7e-4f4f-9b0a-2a4f6a1f0c33',
  },
  IfNoneMatch: {
    ...{ name: 'if-none-match', in: 'header' },
    description: 'The ETag of the last answer.',
    schema: { type: 'string' },
  },
  ExportType: {
    ...{ name: 'exportType', in: 'query' },
    description: 'What the export would hold.',
    schema: { type: 'string', enum: EXPORT_TYPES, default: 'complete' },
  },
  Limit: {
    ...{ name: 'limit', in: 'query' },
    description: 'How many exports a page may hold.',
    schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
  },
  NextToken: {
    ...{ name: 'nextToken', in: 'query' },
    description: 'Of the page before; it is for the same user only.',
    schema: { type: 'string' },
  },
} as const;

export type ParameterName = keyof typeof PARAMETERS;
