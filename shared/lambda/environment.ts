import * as z from 'zod/mini';
import { MisconfiguredFunction } from '../domain/errors.ts';
import type { FunctionName } from './functions.ts';

const name = z.string().check(z.minLength(1));
/** Environment variables are text; these hold whole numbers. */
const count = z.pipe(
  z.string().check(z.regex(/^\d{1,15}$/)),
  z.transform((text: string) => Number(text)),
);

const jobs = { EXPORT_JOBS_TABLE: name };
const packages = { EXPORT_PACKAGES_BUCKET: name };
const eventBus = { EVENT_BUS_NAME: name };
const measured = { METRICS_ENVIRONMENT: name };
const workflow = { EXPORT_WORKFLOW_ARN: name };
const statementFiles = { FILE_STORAGE_BUCKET: name };
/** For the last entries of a package: the page that shows it is a file beside the function. */
const ending = { APPLICATION_VERSION: name, VIEWER_FILE: name };
const lateWriters = { LATE_WRITER_SECONDS: count };

const accounts = { ACCOUNTS_TABLE: name };
const transactions = { TRANSACTIONS_TABLE: name };
const categories = { CATEGORIES_TABLE_NAME: name };
const fileMaps = { FILE_MAPS_TABLE: name };
const transactionFiles = { FILES_TABLE: name };
const analytics = { ANALYTICS_DATA_TABLE: name };
const household = { ...accounts, ...transactions, ...categories, ...fileMaps, ...transactionFiles };

const MIB = 1024 * 1024;

/** How large the pieces are that work is cut into, unless a deployment has reasons for other sizes. */
export const PIECE_SIZES = {
  /** A part takes a collector some ten seconds. */
  TRANSACTIONS_PER_PART: '100000',
  /** Of source: large enough that starting a function costs little beside packing, and joining can copy. */
  SEGMENT_BYTES: String(64 * MIB),
  /** A small file takes a packer about a millisecond. */
  SEGMENT_ENTRIES: '2000',
  /** Seven minutes of a verifier's fifteen. */
  VERIFIED_BYTES_PER_CALL: String(20 * 1024 * MIB),
} as const;

/**
 * For Node itself, in each function's NODE_OPTIONS. Records come and go by the hundred thousand, and V8 lets three times
 * 16 MiB of them gather before it looks; with 8 it takes no more CPU and some 30 MiB less memory.
 */
export const NODE_OPTIONS = '--max-semi-space-size=8';

/** What each function is told by its environment; the one place for both who deploys it and who reads it. */
export const FUNCTION_ENVIRONMENT = {
  'start-export': z.object({
    ...{ ...jobs, ...eventBus, ...measured, ...workflow, ...household },
    ACTIVE_EXPORT_CAP: count,
  }),
  'preview-export': z.object({ ...jobs, ...household }),
  'list-exports': z.object(jobs),
  'get-export-status': z.object(jobs),
  'download-export': z.object({ ...jobs, ...packages, ...eventBus, ...measured }),
  'delete-export': z.object({
    ...{ ...jobs, ...packages, ...eventBus, ...measured, ...workflow, ...lateWriters },
  }),
  'begin-export': z.object({
    ...jobs,
    ...measured,
    ...household,
    ...analytics,
    TRANSACTIONS_PER_PART: count,
  }),
  'collect-accounts': z.object({ ...jobs, ...packages, ...accounts }),
  'collect-transactions': z.object({
    ...{ ...jobs, ...packages, ...transactions },
    // To tell which ids of a request are the user's.
    ...{ ...accounts, ...categories },
  }),
  'collect-categories': z.object({ ...jobs, ...packages, ...categories }),
  'collect-file-maps': z.object({ ...jobs, ...packages, ...fileMaps, ...accounts }),
  'collect-transaction-files': z.object({ ...jobs, ...packages, ...transactionFiles, ...accounts }),
  'collect-analytics': z.object({ ...jobs, ...packages, ...analytics }),
  'plan-package': z.object({ ...jobs, ...packages, SEGMENT_BYTES: count, SEGMENT_ENTRIES: count }),
  'package-export': z.object({ ...jobs, ...packages, ...statementFiles, ...ending }),
  'package-segment': z.object({ ...jobs, ...packages, ...statementFiles }),
  'join-package': z.object({ ...jobs, ...packages, ...ending }),
  'verify-package': z.object({ ...jobs, ...packages, VERIFIED_BYTES_PER_CALL: count }),
  'complete-export': z.object({ ...jobs, ...packages, ...eventBus, ...measured, RETENTION_HOURS: count }),
  'fail-export': z.object({ ...jobs, ...packages, ...eventBus, ...measured }),
  'sweep-exports': z.object({
    ...{ ...jobs, ...packages, ...eventBus, ...measured, ...workflow, ...lateWriters },
    RETENTION_HOURS: count,
  }),
} as const satisfies Record<FunctionName, z.ZodMiniObject>;

export type EnvironmentOf<N extends FunctionName> = z.infer<(typeof FUNCTION_ENVIRONMENT)[N]>;

/**
 * A function's own environment, checked once when it starts.
 * @throws MisconfiguredFunction, which names each variable that is missing or not as it should be
 */
export const environmentOf = <Environment>(schema: z.ZodMiniType<Environment>): Environment => {
  const parsed = schema.safeParse(process.env);
  if (parsed.success) return parsed.data;
  const variables = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new MisconfiguredFunction(
    `These environment variables are missing or not as they should be: ${variables}.`,
  );
};
