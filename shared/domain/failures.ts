/**
 * Why an export ended without a package, in three forms: a code for programs, a sentence for its user, and the name of the
 * error for operators. Only names are carried over from an error, never its message, which may quote what it was reading.
 */

export const FAILURE_CATEGORIES = [
  /** Something did not answer in time, or was too busy. */
  'unavailable',
  /** The service may not read or write what it must, or is set up wrongly; an operator has to act. */
  'refused',
  /** The household's tables cannot be read whole as they are; an operator has to act. */
  'source',
  /** There is more to export than one package can hold; a narrower selection may fit. */
  'size',
  /** What was written is not what was read; nothing of it was handed out. */
  'integrity',
  /** It took longer than it may. */
  'time',
  /** It was stopped, lost, or never started. */
  'interrupted',
  /** An error that nobody has foreseen. */
  'unexpected',
] as const;
export type FailureCategory = (typeof FAILURE_CATEGORIES)[number];

interface Statement {
  readonly category: FailureCategory;
  /** Whether another export may succeed without anybody having done something about it. */
  readonly retryable: boolean;
  /** What the user may read. */
  readonly message: string;
}

const UNAVAILABLE: Statement = {
  category: 'unavailable',
  retryable: true,
  message: 'A service that holds your data did not answer for a while. Please start the export again later.',
};

const TOO_LONG: Statement = {
  category: 'time',
  retryable: true,
  message: 'The export took longer than it may. Please start it again later.',
};

const CRASHED: Statement = {
  category: 'unexpected',
  retryable: true,
  message: 'The export broke off and could not be taken up again. Please start it again.',
};

const NOT_PROVEN: Statement = {
  category: 'integrity',
  retryable: true,
  message: 'The package did not pass its check, so it was removed. Please start the export again.',
};

const UNEXPECTED: Statement = {
  category: 'unexpected',
  retryable: true,
  message: 'The export could not be finished. Please start it again; we keep the details for support.',
};

/** By the name under which Step Functions reports an error, or the sweeper ends an export. */
const STATEMENTS = {
  ServiceUnavailable: UNAVAILABLE,
  'Lambda.TooManyRequestsException': UNAVAILABLE,
  'Lambda.ClientExecutionTimeoutException': UNAVAILABLE,
  'Lambda.ServiceException': UNAVAILABLE,
  'Lambda.AWSLambdaException': UNAVAILABLE,
  'Lambda.SdkClientException': UNAVAILABLE,
  AccessRefused: {
    category: 'refused',
    retryable: false,
    message: 'The export was not allowed to read all of your data. We have been told and will look into it.',
  },
  IndexIncomplete: {
    category: 'source',
    retryable: false,
    message: 'The export could not be sure to see all of your data. We have been told and will look into it.',
  },
  MisconfiguredFunction: {
    category: 'refused',
    retryable: false,
    message: 'The export could not run as the service is set up. We have been told and will look into it.',
  },
  ExportTooLarge: {
    category: 'size',
    retryable: false,
    message:
      'There is more data than one package can hold. Please export it in parts, for example by account or by year.',
  },
  InterimCorrupted: {
    category: 'integrity',
    retryable: true,
    message:
      'Data that was collected did not arrive unchanged, so no package was made. Please start the export again.',
  },
  PackageCorrupted: NOT_PROVEN,
  PackageCountsWrong: NOT_PROVEN,
  PackageTotalsWrong: NOT_PROVEN,
  OutOfTime: TOO_LONG,
  'States.Timeout': TOO_LONG,
  'Sandbox.Timedout': TOO_LONG,
  'Lambda.Unknown': CRASHED,
  'Runtime.ExitError': CRASHED,
  ExecutionAborted: {
    category: 'interrupted',
    retryable: true,
    message: 'The export was stopped by our operators. Please start it again later.',
  },
  ExecutionNotStarted: {
    category: 'interrupted',
    retryable: true,
    message: 'The export could not be started. Please start it again later.',
  },
  ExecutionLost: {
    category: 'interrupted',
    retryable: true,
    message: 'The export was interrupted and cannot go on. Please start it again.',
  },
  ExportFailed: UNEXPECTED,
  InvalidStepInput: UNEXPECTED,
  JobUnreadable: UNEXPECTED,
  UnexpectedError: UNEXPECTED,
} as const satisfies Readonly<Record<string, Statement>>;

/** Every code that a failed export can have; stable for programs. */
export type FailureCode = keyof typeof STATEMENTS;

export interface Failure extends Statement {
  readonly code: FailureCode;
  /** As the workflow named it: for operators, who find it again in the logs. */
  readonly errorName: string;
}

const isFailureCode = (name: string): name is FailureCode => Object.hasOwn(STATEMENTS, name);

export const FAILURE_CODES: readonly FailureCode[] = Object.keys(STATEMENTS).filter(isFailureCode);

/** The statement about an error that ended an export; a name that is none of ours becomes `UnexpectedError`. */
export const failureFor = (errorName: string): Failure => {
  const code = isFailureCode(errorName) ? errorName : 'UnexpectedError';
  return { code, errorName, ...STATEMENTS[code] };
};
