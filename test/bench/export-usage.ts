import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { InvocationHook } from '../../infra/local/lambda/lambda-runner.ts';
import { FUNCTIONS, type FunctionName } from '../../shared/lambda/functions.ts';
import type { ProxiedAnswer, ProxiedRequest } from '../support/fault-proxy.ts';

/** What AWS would count of one or more exports. Where it cannot be known here it is counted high. */
export interface ExportUsage {
  readonly gigabyteSeconds: number;
  readonly invocations: number;
  readonly apiRequests: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly s3Writes: number;
  readonly s3Reads: number;
  readonly events: number;
}

const READ_UNIT_BYTES = 4096;
const WRITE_UNIT_BYTES = 1024;
const LARGEST_PAGE_BYTES = 1024 * 1024;
/** The row itself, in UserIdIndex, and in DueIndex, where another `dueAt` is one row less and one more. */
const WRITES_OF_ONE = 4;

interface DynamoDbBody {
  readonly Item?: unknown;
  readonly Items?: unknown;
  readonly Attributes?: unknown;
  readonly Count?: number;
  readonly ScannedCount?: number;
  readonly ConsistentRead?: boolean;
}

/** As DynamoDB's own protocol writes an item, which takes more bytes than DynamoDB counts. */
const bytesOf = (items: unknown): number => Buffer.byteLength(JSON.stringify(items ?? ''));
const readUnitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES));
const writeUnitsOf = (bytes: number): number =>
  WRITES_OF_ONE * Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));

/** A page that is only counted tells no bytes, and is taken for a full one. */
const queriedBytes = ({ Items, Count = 0, ScannedCount = Count }: DynamoDbBody): number =>
  Items === undefined ? LARGEST_PAGE_BYTES : (bytesOf(Items) * ScannedCount) / Math.max(1, Count);

/** What DynamoDB charges for a request. */
export const dynamoDbUnits = (
  { headers, body }: Pick<ProxiedRequest, 'headers' | 'body'>,
  answer: Pick<ProxiedAnswer, 'body'>,
): { read: number; write: number } => {
  const asked = JSON.parse(body.toString()) as DynamoDbBody;
  const answered = JSON.parse(answer.body.toString()) as DynamoDbBody;
  const share = asked.ConsistentRead === true ? 1 : 0.5;
  switch (String(headers['x-amz-target']).split('.')[1]) {
    case 'GetItem':
      return { read: share * readUnitsOf(bytesOf(answered.Item)), write: 0 };
    case 'Query':
      return { read: share * readUnitsOf(queriedBytes(answered)), write: 0 };
    case 'PutItem':
      return { read: 0, write: writeUnitsOf(bytesOf(asked.Item)) };
    case 'UpdateItem':
      return { read: 0, write: writeUnitsOf(bytesOf(answered.Attributes ?? asked)) };
    case 'DescribeTable':
      return { read: 0, write: 0 };
    case undefined:
    default:
      throw new Error(`It is not known what ${String(headers['x-amz-target'])} costs.`);
  }
};

/** What S3 charges for a request: to delete is free. */
export const s3RequestKind = ({
  method,
  path,
}: Pick<ProxiedRequest, 'method' | 'path'>): 'write' | 'read' | 'free' => {
  const query = new URL(path, 'http://s3.invalid').searchParams;
  if (method === 'DELETE' || (method === 'POST' && query.has('delete'))) return 'free';
  const lists = query.has('list-type') || query.has('uploads');
  return method === 'PUT' || method === 'POST' || lists ? 'write' : 'read';
};

/** Its states, the repeats of those that were tried again and, to count high, its start and its end. */
export const stateTransitions = (history: readonly HistoryEvent[]): number => {
  const count = (isOne: (type: string) => boolean): number =>
    history.filter(({ type }) => isOne(type ?? '')).length;
  const entered = count((type) => type.endsWith('StateEntered'));
  const calls = count((type) => type === 'LambdaFunctionScheduled');
  const tasks = count((type) => type === 'TaskStateEntered');
  return entered + (calls - tasks) + 2;
};

const isFunctionName = (name: string): name is FunctionName => Object.hasOwn(FUNCTIONS, name);

const isBehindTheApi = (name: FunctionName): boolean => 'route' in FUNCTIONS[name];

/** Counts what functions take, and what they ask of AWS, while exports run. */
export class UsageCounter {
  readonly #startedAt = new Map<unknown, number>();
  #usage: ExportUsage = {
    gigabyteSeconds: 0,
    invocations: 0,
    apiRequests: 0,
    readUnits: 0,
    writeUnits: 0,
    s3Writes: 0,
    s3Reads: 0,
    events: 0,
  };

  /** To be given to the system whose functions are watched. */
  readonly invocationHook: InvocationHook = {
    beforeInvoke: (_, payload) => {
      this.#startedAt.set(payload, performance.now());
      return Promise.resolve();
    },
    afterInvoke: (name, payload) => {
      const seconds = (performance.now() - (this.#startedAt.get(payload) ?? NaN)) / 1000;
      this.#startedAt.delete(payload);
      if (!isFunctionName(name)) throw new Error(`${name} is none of ours.`);
      this.#add({
        gigabyteSeconds: (FUNCTIONS[name].memoryMegabytes / 1024) * seconds,
        invocations: 1,
        apiRequests: isBehindTheApi(name) ? 1 : 0,
      });
      return Promise.resolve();
    },
  };

  dynamoDb(request: ProxiedRequest, answer: ProxiedAnswer): void {
    const { read, write } = dynamoDbUnits(request, answer);
    this.#add({ readUnits: read, writeUnits: write });
  }

  s3(request: ProxiedRequest): void {
    const kind = s3RequestKind(request);
    if (kind !== 'free') this.#add(kind === 'read' ? { s3Reads: 1 } : { s3Writes: 1 });
  }

  eventBridge({ body }: ProxiedRequest): void {
    const { Entries } = JSON.parse(body.toString()) as { Entries: unknown[] };
    this.#add({ events: Entries.length });
  }

  /** What was counted since it was last asked. */
  take(): ExportUsage {
    const taken = this.#usage;
    this.#usage = Object.fromEntries(Object.keys(taken).map((name) => [name, 0])) as unknown as ExportUsage;
    return taken;
  }

  #add(more: Partial<ExportUsage>): void {
    const names = Object.keys(this.#usage) as (keyof ExportUsage)[];
    this.#usage = Object.fromEntries(
      names.map((name) => [name, this.#usage[name] + (more[name] ?? 0)]),
    ) as unknown as ExportUsage;
  }
}
