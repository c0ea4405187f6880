import { stat } from 'node:fs/promises';
import { functionLogFile } from '../../../infra/local/function-log.ts';
import type { LocalSystem } from '../../../infra/local/local-system.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import { LIST_PRICES, PRICES_OF } from '../aws-prices.ts';
import type { BenchCase, BenchRun, ResultRow } from '../bench-case.ts';
import { benchHousehold, type HouseholdSize } from '../bench-household.ts';
import { startBenchSystem } from '../bench-system.ts';
import { stateTransitions, UsageCounter, type ExportUsage } from '../export-usage.ts';
import { measuredExport, type MeasuredExport } from '../measured-export.ts';

const SIZE: HouseholdSize = {
  transactions: 10_000,
  files: 200,
  fileBytes: 100_000,
  textFilesInHundred: 50,
};
const EXPORTS = 1000;
const RETENTION_HOURS = 24;
/** What each call of S3 takes on AWS; functions are paid for while they wait. */
const S3_LATENCY_MS = 10;
/** Of a line that Step Functions or API Gateway writes, or of those that Lambda writes about an invocation. */
const PLATFORM_LINE_BYTES = 500;

interface Observed {
  readonly usage: ExportUsage;
  readonly measured: MeasuredExport;
  readonly loggedBytes: number;
}

/** Proxies between the functions and their servers that count what is asked. */
const countingProxies = async (
  servers: LocalSystem['endpoints'],
  counter: UsageCounter,
): Promise<{ endpoints: LocalSystem['endpoints']; close: () => Promise<void> }> => {
  const [dynamodb, s3, eventbridge] = await Promise.all([
    FaultProxy.start(servers.dynamodb),
    FaultProxy.start(servers.s3),
    FaultProxy.start(servers.eventbridge),
  ]);
  dynamodb.faultOf = (request) => ({
    alter: (answer) => {
      counter.dynamoDb(request, answer);
      return answer;
    },
  });
  s3.faultOf = (request) => {
    counter.s3(request);
    return undefined;
  };
  eventbridge.faultOf = (request) => {
    counter.eventBridge(request);
    return undefined;
  };
  const endpoints = { ...servers, dynamodb: dynamodb.url, s3: s3.url, eventbridge: eventbridge.url };
  const close = async (): Promise<void> => {
    await Promise.all([dynamodb, s3, eventbridge].map((proxy) => proxy.close()));
  };
  return { endpoints, close };
};

/** Two exports of the household, one after the other: the first finds every function cold, the other finds them warm. */
const observe = async (run: BenchRun, size: HouseholdSize): Promise<{ cold: Observed; warm: Observed }> => {
  const household = benchHousehold(size);
  const counter = new UsageCounter();
  const closers: (() => Promise<void>)[] = [];
  const system = await startBenchSystem(run, household, {
    s3LatencyMs: S3_LATENCY_MS,
    invocationHook: counter.invocationHook,
    functionEndpoints: async (servers) => {
      const { endpoints, close } = await countingProxies(servers, counter);
      closers.push(close);
      return endpoints;
    },
  });
  closers.unshift(() => system.close());
  let logged = 0;
  const observed = async (): Promise<Observed> => {
    const measured = await measuredExport(system, household.userId, run);
    const { size: bytes } = await stat(functionLogFile(system.settings.dataDir));
    const loggedBytes = bytes - logged;
    logged = bytes;
    return { usage: counter.take(), measured, loggedBytes };
  };
  try {
    return { cold: await observed(), warm: await observed() };
  } finally {
    for (const close of closers) await close();
  }
};

const digits = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });

interface Item {
  readonly name: string;
  /** Dollars for one export. */
  readonly dollars: number;
}

const itemsOf = ({ usage, measured, loggedBytes }: Observed): Item[] => {
  const { packageBytes, history } = measured;
  const { gigabyteSeconds, invocations, apiRequests, readUnits, writeUnits, s3Writes, s3Reads, events } =
    usage;
  const transitions = stateTransitions(history);
  const logs = loggedBytes + PLATFORM_LINE_BYTES * (history.length + invocations + apiRequests);
  const megabytes = digits(packageBytes / 1e6);
  const prices = LIST_PRICES;
  return [
    {
      name: `Step Functions: ${transitions} state transitions`,
      dollars: transitions * prices.stateTransition,
    },
    {
      name: `Lambda: ${invocations} invocations, ${digits(gigabyteSeconds)} GB-seconds`,
      dollars: invocations * prices.invocation + gigabyteSeconds * prices.gigabyteSecond,
    },
    {
      name: `DynamoDB: at most ${digits(readUnits)} read and ${digits(writeUnits)} write units`,
      dollars: readUnits * prices.readUnit + writeUnits * prices.writeUnit,
    },
    {
      name: `S3: ${s3Writes} writing and ${s3Reads} reading requests`,
      dollars: s3Writes * prices.writeRequest + s3Reads * prices.readRequest,
    },
    {
      name: `S3: ${megabytes} MB kept for ${RETENTION_HOURS} hours`,
      dollars: packageBytes * RETENTION_HOURS * prices.byteHour,
    },
    { name: `One download: ${megabytes} MB to the internet`, dollars: packageBytes * prices.byteOut },
    {
      name: `HTTP API: ${apiRequests} requests, EventBridge: ${events} events`,
      dollars: apiRequests * prices.apiRequest + events * prices.event,
    },
    { name: `CloudWatch Logs: about ${digits(logs / 1000)} kB`, dollars: logs * prices.loggedByte },
  ];
};

const totalOf = (observed: Observed): number =>
  itemsOf(observed).reduce((sum, { dollars }) => sum + dollars, 0);

const rowsOf = ({ cold, warm }: { cold: Observed; warm: Observed }): ResultRow[] => {
  const unit = `$ for ${digits(EXPORTS)}`;
  return [
    ...itemsOf(cold).map(({ name, dollars }) => ({ name, value: EXPORTS * dollars, unit })),
    {
      name: 'all of it, functions cold',
      value: EXPORTS * totalOf(cold),
      unit,
      peer: { name: 'warm', value: EXPORTS * totalOf(warm) },
    },
  ];
};

export const cost: BenchCase = {
  name: 'cost',
  about: `What AWS would ask for ${digits(EXPORTS)} exports, at list prices of ${PRICES_OF.region} as of ${PRICES_OF.month}.`,
  measure: async (run) => {
    const { transactions, files, fileBytes } = run.given;
    return rowsOf(
      await observe(run, {
        transactions: transactions ?? SIZE.transactions,
        files: files ?? SIZE.files,
        fileBytes: fileBytes ?? SIZE.fileBytes,
        textFilesInHundred: SIZE.textFilesInHundred,
      }),
    );
  },
};
