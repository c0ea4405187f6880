/**
 * Every failure this service knows, by a literal name: Step Functions matches names in `ErrorEquals`, and a bundler
 * that shortens class names must not change them. Messages may be read by users: they hold no amounts, descriptions,
 * URLs or names of AWS resources. What an operator needs besides travels in `cause`. What each means for the user whose
 * export it ended is in `failures.ts`.
 */

/** One field of a request that is not as it should be; `pointer` is a JSON Pointer (RFC 6901) into the body. */
export interface FieldProblem {
  readonly pointer: string;
  readonly detail: string;
}

/** The request cannot be understood; each problem says where and why. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';
  readonly problems: readonly FieldProblem[];
  constructor(
    problems: readonly FieldProblem[],
    detail = 'The request has fields that are not as they should be.',
  ) {
    super(detail);
    this.problems = problems;
  }
}

/** The body is larger than any valid request. */
export class RequestTooLarge extends Error {
  override readonly name = 'RequestTooLarge';
}

/** The body is not JSON by its Content-Type. */
export class UnsupportedMediaType extends Error {
  override readonly name = 'UnsupportedMediaType';
}

/** The token is valid but names no user, or is not an access token. */
export class AccessTokenRequired extends Error {
  override readonly name = 'AccessTokenRequired';
}

/** No such export, or it belongs to somebody else: the two cannot be told apart from outside. */
export class ExportNotFound extends Error {
  override readonly name = 'ExportNotFound';
  constructor() {
    super('There is no export with this id.');
  }
}

/** The Idempotency-Key was used before with another request, or its export was deleted. */
export class IdempotencyKeySpent extends Error {
  override readonly name = 'IdempotencyKeySpent';
}

/** The user has as many active exports as allowed. */
export class ActiveExportLimitReached extends Error {
  override readonly name = 'ActiveExportLimitReached';
}

/** The export has no package yet, or never will. */
export class ExportNotCompleted extends Error {
  override readonly name = 'ExportNotCompleted';
}

/** The package's time is over, or it is no longer there. */
export class ExportExpired extends Error {
  override readonly name = 'ExportExpired';
}

/** Only an export that has failed can be retried; the message says what became of this one. */
export class ExportNotRetryable extends Error {
  override readonly name = 'ExportNotRetryable';
}

/** The row with this export id exists already. */
export class ExportAlreadyExists extends Error {
  override readonly name = 'ExportAlreadyExists';
}

/** Another writer moved the job first; what this one wanted is not allowed from there. */
export class ExportStateConflict extends Error {
  override readonly name = 'ExportStateConflict';
}

/** The job is being erased or has ended, so a step that still runs for it must remove what it made and stop. */
export class ExportClosed extends Error {
  override readonly name = 'ExportClosed';
}

/** The one execution of an export ended without success, and none can follow it: its name is taken. */
export class ExecutionEnded extends Error {
  override readonly name = 'ExecutionEnded';
}

/** A table, the bucket, the bus or the workflow service did not answer, or asked for patience: try again. */
export class ServiceUnavailable extends Error {
  override readonly name = 'ServiceUnavailable';
}

/** A step was about to be killed for having run too long, and ended in order instead: it may run again. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/** A table, bucket or key exists but may not be used; retrying cannot help, an operator must act. */
export class AccessRefused extends Error {
  override readonly name = 'AccessRefused';
}

/** An application table lacks the index the export reads, or the index does not project all attributes. */
export class IndexIncomplete extends Error {
  override readonly name = 'IndexIncomplete';
}

/** An interim object is gone, or is not what its collector wrote. */
export class InterimCorrupted extends Error {
  override readonly name = 'InterimCorrupted';
}

/** What is wrong with a package that does not prove itself; stable, for programs. */
class PackageBroken extends Error {
  /** A short code such as `ENTRY_HASH`. */
  readonly reason: string;
  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The package's structure or bytes are not what its manifest says. */
export class PackageCorrupted extends PackageBroken {
  override readonly name = 'PackageCorrupted';
}

/** The package does not hold as many records or files as its manifest says. */
export class PackageCountsWrong extends PackageBroken {
  override readonly name = 'PackageCountsWrong';
}

/** The package's transactions do not add up to its control totals. */
export class PackageTotalsWrong extends PackageBroken {
  override readonly name = 'PackageTotalsWrong';
}

/** There is more to export than one package can hold; a narrower selection may fit. */
export class ExportTooLarge extends Error {
  override readonly name = 'ExportTooLarge';
}

/** A workflow step was called with an input that breaks its contract. */
export class InvalidStepInput extends Error {
  override readonly name = 'InvalidStepInput';
}

/** A function was deployed without a setting it needs, or with one it cannot use. */
export class MisconfiguredFunction extends Error {
  override readonly name = 'MisconfiguredFunction';
}

/** A row of the export jobs table is not as this service writes it. */
export class JobUnreadable extends Error {
  override readonly name = 'JobUnreadable';
}
