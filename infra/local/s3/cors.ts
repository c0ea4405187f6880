import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { S3Error } from './s3-error.ts';
import { addressOf } from './s3-request.ts';
import type { S3Response } from './s3-response.ts';
import type { S3Store } from './s3-store.ts';
import { childrenNamed, optionalText, parseXml, type XmlElement } from './xml.ts';

interface CorsRule {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly requestHeaders: readonly string[];
  readonly exposedHeaders: readonly string[];
  readonly maxAgeSeconds: string | undefined;
}

type Headers = Record<string, string>;

const texts = (rule: XmlElement, name: string): string[] => childrenNamed(rule, name).map(({ text }) => text);

const rulesOf = (document: string): CorsRule[] =>
  childrenNamed(parseXml(Buffer.from(document), 'CORSConfiguration'), 'CORSRule').map((rule) => ({
    origins: texts(rule, 'AllowedOrigin'),
    methods: texts(rule, 'AllowedMethod'),
    requestHeaders: texts(rule, 'AllowedHeader').map((name) => name.toLowerCase()),
    exposedHeaders: texts(rule, 'ExposeHeader'),
    maxAgeSeconds: optionalText(rule, 'MaxAgeSeconds'),
  }));

/** Origins and header names may hold one `*`, which stands for anything. */
const fits = (pattern: string, value: string): boolean => {
  const [before = '', after] = pattern.split('*');
  if (after === undefined) return pattern === value;
  const isLongEnough = value.length >= before.length + after.length;
  return isLongEnough && value.startsWith(before) && value.endsWith(after);
};

interface Asked {
  readonly origin: string;
  readonly method: string;
  /** Names in lower case; none for an ordinary request. */
  readonly requestHeaders: readonly string[];
}

const allows = (rule: CorsRule, { origin, method, requestHeaders }: Asked): boolean =>
  rule.methods.includes(method) &&
  rule.origins.some((pattern) => fits(pattern, origin)) &&
  requestHeaders.every((name) => rule.requestHeaders.some((pattern) => fits(pattern, name)));

/** The first rule that fits decides, as on S3. */
const ruleFor = (message: IncomingMessage, store: S3Store, asked: Asked): CorsRule | undefined => {
  const { bucket } = addressOf(message);
  const document = store.catalogue.findBucket(bucket)?.cors;
  return document === undefined ? undefined : rulesOf(document).find((rule) => allows(rule, asked));
};

const grantedHeaders = (rule: CorsRule, origin: string): Headers => ({
  ...(rule.origins.includes('*')
    ? { 'access-control-allow-origin': '*' }
    : { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' }),
  'access-control-allow-methods': rule.methods.join(', '),
  ...(rule.exposedHeaders.length > 0
    ? { 'access-control-expose-headers': rule.exposedHeaders.join(', ') }
    : {}),
  ...(rule.maxAgeSeconds === undefined ? {} : { 'access-control-max-age': rule.maxAgeSeconds }),
  vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
});

/** What an ordinary answer says to a browser; nothing where the bucket's configuration does not let its page read. */
export const corsHeaders = (message: IncomingMessage, store: S3Store): Headers => {
  const { origin } = message.headers;
  if (origin === undefined) return {};
  const rule = ruleFor(message, store, { origin, method: message.method ?? '', requestHeaders: [] });
  return rule === undefined ? {} : grantedHeaders(rule, origin);
};

const requestedHeaders = (headers: IncomingHttpHeaders): string[] =>
  (headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');

/** The answer to a preflight request. @throws S3Error `BadRequest` or `AccessForbidden` */
export const preflightResponse = (message: IncomingMessage, store: S3Store): S3Response => {
  const { origin, 'access-control-request-method': method } = message.headers;
  if (origin === undefined || method === undefined) {
    const missing = origin === undefined ? 'Origin' : 'Access-Control-Request-Method';
    throw new S3Error('BadRequest', `Insufficient information. ${missing} request header needed.`);
  }
  const requestHeaders = requestedHeaders(message.headers);
  const rule = ruleFor(message, store, { origin, method, requestHeaders });
  if (rule === undefined) {
    throw new S3Error('AccessForbidden', 'CORSResponse: This CORS request is not allowed.');
  }
  const allowed =
    requestHeaders.length > 0 ? { 'access-control-allow-headers': requestHeaders.join(', ') } : {};
  return { status: 200, headers: { ...grantedHeaders(rule, origin), ...allowed } };
};
