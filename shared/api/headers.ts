/** What stands in headers of answers. */
const HEADERS = {
  'apigw-requestid': { description: "The gateway's id of the request.", schema: { type: 'string' } },
  'x-correlation-id': {
    description: 'The `x-correlation-id` of the request, or its id; carried by all that comes of it.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,64}$' },
  },
  'cache-control': { description: 'No answer may be kept.', schema: { type: 'string', const: 'no-store' } },
  location: {
    description: 'Where to go on: the path that shows the export, or the link to its package.',
    schema: { type: 'string', format: 'uri-reference' },
  },
  'retry-after': {
    description: 'How long to wait before asking again, in seconds.',
    schema: { type: 'integer', minimum: 1 },
  },
  etag: {
    description: 'Stands for this answer: send it as If-None-Match.',
    schema: { type: 'string', pattern: '^"[A-Za-z0-9_-]+"$' },
  },
  'www-authenticate': {
    description: 'What is wrong with the token (RFC 6750).',
    schema: { type: 'string', pattern: '^Bearer' },
  },
} as const;

export type HeaderName = keyof typeof HEADERS;

interface Header {
  readonly description: string;
  readonly required: boolean;
  readonly schema: object;
}

/** Headers of an OpenAPI response: those that it always has, and those that it may have. */
export const headers = (
  always: readonly HeaderName[],
  atTimes: readonly HeaderName[] = [],
): Readonly<Record<string, Header>> =>
  Object.fromEntries(
    [...always, ...atTimes].map((name) => [name, { ...HEADERS[name], required: always.includes(name) }]),
  );
