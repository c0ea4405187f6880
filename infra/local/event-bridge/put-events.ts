import * as z from 'zod/mini';
import { parseInput, RequestRefused } from '../aws-json-endpoint.ts';

/** EventBridge's limit for the entries of one PutEvents request together, bytes. */
export const MAX_ENTRIES_BYTES = 1024 * 1024;
const MAX_ENTRIES = 10;
const TIME_BYTES = 14;
/** The end of the year 9999, seconds since the epoch. */
const LAST_SECOND = 253_402_300_799;

const entrySchema = z.strictObject({
  Time: z.optional(z.number().check(z.minimum(0), z.maximum(LAST_SECOND))),
  Source: z.optional(z.string()),
  Resources: z.optional(z.array(z.string())),
  DetailType: z.optional(z.string()),
  Detail: z.optional(z.string()),
  EventBusName: z.optional(z.string()),
  TraceHeader: z.optional(z.string()),
});
const requestSchema = z.strictObject({ Entries: z.array(entrySchema) });

type Entry = z.infer<typeof entrySchema>;

/** An event that somebody wants on a bus. */
export interface PutEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly resources?: readonly string[];
  /** Milliseconds since the epoch; now when absent. */
  readonly time?: number | undefined;
  /** Name or ARN; the default bus when absent. */
  readonly eventBusName?: string;
}

interface Refusal {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

const bytes = (text = ''): number => Buffer.byteLength(text);

const sizeOf = ({ Time, Source, DetailType, Detail, Resources = [] }: Entry): number =>
  (Time === undefined ? 0 : TIME_BYTES) +
  bytes(Source) +
  bytes(DetailType) +
  bytes(Detail) +
  Resources.reduce((sum, resource) => sum + bytes(resource), 0);

/** The entries of a request. Throws RequestRefused `ValidationException`. */
export const readEntries = (request: unknown): readonly Entry[] => {
  const { Entries } = parseInput(requestSchema, request);
  if (Entries.length === 0 || Entries.length > MAX_ENTRIES) {
    const bound =
      Entries.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${MAX_ENTRIES}`;
    const message = `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length ${bound}`;
    throw new RequestRefused('ValidationException', message);
  }
  const size = Entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (size >= MAX_ENTRIES_BYTES) {
    const message = `Total size of the entries in the request is over the limit: ${size} bytes of ${MAX_ENTRIES_BYTES}.`;
    throw new RequestRefused('ValidationException', message);
  }
  return Entries;
};

const invalid = (parameter: string): Refusal => ({
  ErrorCode: 'InvalidArgument',
  ErrorMessage: `Parameter ${parameter} is not valid. Reason: ${parameter} is a required argument.`,
});

const parseDetail = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};

/** The event of one entry, or why EventBridge refuses this entry; the others of the request are not affected. */
export const readEntry = (entry: Entry): PutEvent | Refusal => {
  const { Source, DetailType, Detail, Resources = [], Time, EventBusName } = entry;
  if (!Source) return invalid('Source');
  if (!DetailType) return invalid('DetailType');
  if (!Detail) return invalid('Detail');
  if (Source.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSource', ErrorMessage: 'Not authorized for the source.' };
  }
  const detail = parseDetail(Detail);
  if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  return {
    source: Source,
    detailType: DetailType,
    detail,
    resources: Resources,
    time: Time === undefined ? undefined : Time * 1000,
    ...(EventBusName === undefined ? {} : { eventBusName: EventBusName }),
  };
};
