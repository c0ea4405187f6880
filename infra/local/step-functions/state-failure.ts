/** A state that failed: `error` is the name that Retry and Catch match, `cause` is the text that history and catchers show. */
export class StateFailure extends Error {
  override readonly name = 'StateFailure';
  readonly error: string;
  readonly causeText: string;

  constructor(error: string, causeText: string) {
    super(`${error}: ${causeText}`);
    this.error = error;
    this.causeText = causeText;
  }
}

/** A fault of the definition or its data at run time. No Retry and no Catch matches it, as on AWS. */
export const runtimeFailure = (cause: string): StateFailure => new StateFailure('States.Runtime', cause);

/** Error and cause as the wire shows them: AWS leaves out what is empty, such as the cause of a timeout. */
export const errorFields = ({ error, causeText }: StateFailure): { error?: string; cause?: string } => ({
  ...(error === '' ? {} : { error }),
  ...(causeText === '' ? {} : { cause: causeText }),
});
