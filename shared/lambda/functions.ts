/** The HTTP API's route that a function answers. */
export interface FunctionRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
}

/** How a function is deployed. Memory in MB also sets its share of a CPU: 1,769 MB are one (Lambda, "Configure memory"). */
export interface FunctionSettings {
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  readonly route?: FunctionRoute;
}

/** API Gateway gives up after 30 s, so a longer run would do work nobody waits for. */
const API = { memoryMegabytes: 512, timeoutSeconds: 29 };
/** Collectors wait for DynamoDB and hash text in flat memory; 900 s are Lambda's longest timeout. */
const COLLECTOR = { memoryMegabytes: 1024, timeoutSeconds: 900 };
/** Reads the file records once, to cut them into segments. */
const PLANNER = { memoryMegabytes: 1024, timeoutSeconds: 300 };
/** Deflating takes one whole CPU. */
const PACKAGER = { memoryMegabytes: 1769, timeoutSeconds: 900 };
/** Inflating, hashing and parsing take one whole CPU: some 50 MB of package a second in flat memory. */
const VERIFIER = { memoryMegabytes: 1769, timeoutSeconds: 900 };
const BOOKKEEPING = { memoryMegabytes: 512, timeoutSeconds: 60 };
/** Removes what an export left in the bucket, a thousand objects a call. */
const CLEANING = { memoryMegabytes: 512, timeoutSeconds: 300 };

/** The functions behind the HTTP API. */
export const API_FUNCTIONS = {
  'start-export': { ...API, route: { method: 'POST', path: '/export' } },
  'preview-export': { ...API, route: { method: 'GET', path: '/export/preview' } },
  'list-exports': { ...API, route: { method: 'GET', path: '/export' } },
  'get-export-status': { ...API, route: { method: 'GET', path: '/export/{exportId}/status' } },
  'download-export': { ...API, route: { method: 'GET', path: '/export/{exportId}/download' } },
  'delete-export': { ...API, route: { method: 'DELETE', path: '/export/{exportId}' } },
} as const satisfies Record<string, FunctionSettings & { route: FunctionRoute }>;

/** The functions that the state machine invokes. */
export const WORKFLOW_FUNCTIONS = {
  'begin-export': BOOKKEEPING,
  'collect-accounts': COLLECTOR,
  'collect-transactions': COLLECTOR,
  'collect-categories': COLLECTOR,
  'collect-file-maps': COLLECTOR,
  'collect-transaction-files': COLLECTOR,
  'collect-analytics': COLLECTOR,
  'plan-package': PLANNER,
  'package-export': PACKAGER,
  'package-segment': PACKAGER,
  'join-package': PACKAGER,
  'verify-package': VERIFIER,
  'complete-export': CLEANING,
  'fail-export': CLEANING,
} as const satisfies Record<string, FunctionSettings>;

/** A function that is invoked by a schedule. */
export interface FunctionSchedule {
  readonly everyMinutes: number;
}

/** The functions that run on a schedule. */
export const SCHEDULED_FUNCTIONS = {
  /** One call ends well before the next but one begins; two at once do no harm. */
  'sweep-exports': { memoryMegabytes: 512, timeoutSeconds: 300, schedule: { everyMinutes: 5 } },
} as const satisfies Record<string, FunctionSettings & { schedule: FunctionSchedule }>;

/** Every deployed function: one folder under `functions/`, one name, one row. Both wirings read this table. */
export const FUNCTIONS = { ...API_FUNCTIONS, ...WORKFLOW_FUNCTIONS, ...SCHEDULED_FUNCTIONS } as const;

export type ApiFunction = keyof typeof API_FUNCTIONS;
export type WorkflowFunction = keyof typeof WORKFLOW_FUNCTIONS;
export type ScheduledFunction = keyof typeof SCHEDULED_FUNCTIONS;
export type FunctionName = keyof typeof FUNCTIONS;

/** Past its own timeout nothing of a function runs; a minute more covers clocks and hand-overs. */
const MARGIN_SECONDS = 60;

/** How long after a stop a function of the same export may still be writing, given the timeouts of the workflow's functions. */
export const lateWriterSeconds = (
  timeoutsSeconds: readonly number[],
  marginSeconds = MARGIN_SECONDS,
): number => Math.max(...timeoutsSeconds) + marginSeconds;
