import { Logger } from '@aws-lambda-powertools/logger';
import * as errors from '../domain/errors.ts';
import { hashedUserId } from '../domain/hashed-user-id.ts';
import type { Log, LogSubject } from '../ports.ts';

type Fields = Readonly<Record<string, string | number | boolean>>;

/** The log of one function, which deals with one invocation at a time (Lambda, "Execution environment"). */
export interface FunctionLog extends Log {
  /** From here on every line has these fields, and nothing any more of the invocation before. */
  begin(invocation: Fields): void;
}

/** What lines tell of their subject. */
export const subjectFields = ({ exportId, userId, correlationId }: LogSubject): Fields => ({
  ...(exportId === undefined ? {} : { exportId }),
  ...(userId === undefined ? {} : { userIdHash: hashedUserId(userId) }),
  ...(correlationId === undefined ? {} : { correlationId }),
});

const isErrorClass = (value: unknown): value is abstract new (...parameters: never) => Error =>
  typeof value === 'function' && value.prototype instanceof Error;

const OWN_ERRORS = Object.values(errors).filter(isErrorClass);

/** Our own messages hold nothing of a user; that of any other error may quote keys, values or links. */
const messageOf = (error: Error): Fields =>
  OWN_ERRORS.some((own) => error instanceof own) ? { errorMessage: error.message } : {};

const errorFields = (error: unknown): Fields => {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const cause = error.cause instanceof Error ? { causeName: error.cause.name } : {};
  return { errorName: error.name, ...messageOf(error), ...cause };
};

/** A log of JSON lines for one function. */
export const createLog = (functionName: string): FunctionLog => {
  const logger = new Logger({ serviceName: functionName });
  let invocation: Fields = {};
  let subject: Fields = {};
  const all = (fields: Fields = {}): Fields => ({ ...invocation, ...subject, ...fields });
  return {
    begin: (fields) => {
      invocation = fields;
      subject = {};
    },
    about: (told) => {
      subject = subjectFields(told);
    },
    info: (message, fields) => logger.info(message, all(fields)),
    warn: (message, fields) => logger.warn(message, all(fields)),
    failure: (message, error, fields) => logger.error(message, { ...all(fields), ...errorFields(error) }),
  };
};
