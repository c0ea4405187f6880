import { EMBEDDED_SERVICES, type EmbeddedService } from '../../infra/local/local-settings.ts';
import { createPseudoRandom, type PseudoRandom } from '../../infra/local/sample-household/pseudo-random.ts';
import { API_FUNCTIONS, FUNCTIONS, WORKFLOW_FUNCTIONS } from '../../shared/lambda/functions.ts';

const FAULT_KINDS = ['reset', 'lose-answer', 'error500', 'error503', 'throttle', 'cut', 'delay'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What strikes some requests to a service: none of the first `after`, then `times` of those that match. */
export interface ServiceFault {
  readonly act: 'strike';
  readonly service: EmbeddedService;
  /** Of S3 a method, of the others what stands after the point in `x-amz-target`; any where it is absent. */
  readonly operation?: string;
  readonly kind: FaultKind;
  readonly after: number;
  readonly times: number;
  /** Bytes before the cut, or ms of delay. */
  readonly amount: number;
}

/** What ends some invocations of a function with an error of Lambda's own, before or after it has done its work. */
export interface FunctionFault {
  readonly act: 'refuse';
  readonly functionName: string;
  readonly when: 'before' | 'after';
  readonly errorType: string;
  readonly times: number;
}

/** A call of the API. `waits` is false for one that the next step does not wait for. */
export type ApiCall = {
  readonly user: number;
  readonly waits: boolean;
} & (
  | { readonly act: 'post'; readonly key?: number; readonly body: Readonly<Record<string, unknown>> }
  | { readonly act: 'list' }
  /** Of the user's exports so far, counted from the last. */
  | { readonly act: 'status' | 'download' | 'delete'; readonly export: number }
);

export type SoakStep =
  | ApiCall
  | ServiceFault
  | FunctionFault
  | { readonly act: 'kill'; readonly functionName: string }
  | { readonly act: 'stop'; readonly user: number; readonly export: number }
  | { readonly act: 'wait'; readonly ms: number }
  | { readonly act: 'pass'; readonly minutes: number }
  | { readonly act: 'sweep'; readonly waits: boolean };

/** One run of the soak: what is done, in order, and what goes wrong meanwhile. */
export interface SoakSchedule {
  readonly seed: number;
  readonly number: number;
  readonly users: number;
  readonly steps: readonly SoakStep[];
}

const MOST_USERS = 3;
const KEYS = 2;

const OPERATIONS: Readonly<Record<EmbeddedService, readonly string[]>> = {
  dynamodb: ['GetItem', 'PutItem', 'UpdateItem', 'Query'],
  s3: ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'],
  stepfunctions: ['StartExecution', 'DescribeExecution', 'StopExecution'],
  eventbridge: ['PutEvents'],
};

const BODIES: readonly Readonly<Record<string, unknown>>[] = [
  {},
  {},
  { includeAnalytics: true, includeCsv: true },
  { exportFormat: 'json' },
  { exportType: 'accounts_only' },
];

const LAMBDA_ERRORS = [
  'TooManyRequestsException',
  'Lambda.ServiceException',
  'Sandbox.Timedout',
  'Runtime.ExitError',
] as const;

const WORKERS = [...Object.keys(WORKFLOW_FUNCTIONS), 'sweep-exports'];
const MINUTES = [1, 3, 16, 70, 24 * 60 + 1];

const serviceFault = (random: PseudoRandom): ServiceFault => {
  const service = random.pick([...EMBEDDED_SERVICES, 'dynamodb', 's3'] as const);
  const kind = random.pick(FAULT_KINDS);
  // Five in a row are more than the SDK's own attempts: what it cannot hide must be dealt with.
  const times = random.chance(0.25) ? random.integer(4, 6) : random.integer(1, 3);
  const amount = kind === 'delay' ? random.integer(10, 200) : random.integer(0, 300);
  const operation = random.chance(0.7) ? { operation: random.pick(OPERATIONS[service]) } : {};
  return { act: 'strike', service, kind, after: random.integer(0, 12), times, amount, ...operation };
};

const functionFault = (random: PseudoRandom): FunctionFault => ({
  act: 'refuse',
  functionName: random.pick(random.chance(0.8) ? WORKERS : Object.keys(FUNCTIONS)),
  when: random.pick(['before', 'after'] as const),
  errorType: random.pick(LAMBDA_ERRORS),
  times: random.integer(1, 3),
});

const anExport = (random: PseudoRandom): number => (random.chance(0.7) ? 0 : random.integer(1, 2));

const apiCall = (random: PseudoRandom, users: number): ApiCall => {
  const who = { user: random.integer(0, users - 1), waits: random.chance(0.6) };
  const kind = random.integer(1, 10);
  if (kind <= 4) {
    const key = random.chance(0.6) ? { key: random.integer(1, KEYS) } : {};
    return { act: 'post', ...who, ...key, body: random.pick(BODIES) };
  }
  if (kind === 5) return { act: 'list', ...who };
  const act = random.pick(['status', 'download', 'delete', 'delete'] as const);
  return { act, ...who, export: anExport(random) };
};

const step = (random: PseudoRandom, users: number): SoakStep => {
  const kind = random.integer(1, 100);
  if (kind <= 40) return apiCall(random, users);
  if (kind <= 58) return serviceFault(random);
  if (kind <= 66) return functionFault(random);
  if (kind <= 70) {
    const functionName = random.pick([...WORKERS, ...Object.keys(API_FUNCTIONS)]);
    return { act: 'kill', functionName };
  }
  if (kind <= 73) return { act: 'stop', user: random.integer(0, users - 1), export: anExport(random) };
  if (kind <= 88) return { act: 'wait', ms: random.integer(5, 250) };
  if (kind <= 94) return { act: 'pass', minutes: random.pick(MINUTES) };
  return { act: 'sweep', waits: random.chance(0.5) };
};

/** The schedule of a seed and a number: always the same one. */
export const soakSchedule = (seed: number, number: number): SoakSchedule => {
  const random = createPseudoRandom(`soak ${seed} ${number}`);
  const users = random.integer(1, MOST_USERS);
  const first: SoakStep = { act: 'post', user: 0, waits: random.chance(0.5), body: random.pick(BODIES) };
  const others = Array.from({ length: random.integer(8, 20) }, () => step(random, users));
  const faults = Array.from({ length: random.integer(0, 2) }, () => serviceFault(random));
  return { seed, number, users, steps: [...faults, first, ...others] };
};
