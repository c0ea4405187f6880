import { Logger } from '@aws-lambda-powertools/logger';
import { createHash } from 'node:crypto';
import * as errors from '../domain/errors.ts';
import type { Log } from '../ports.ts';

type Fields = Readonly<Record<string, string | number | boolean>>;

/** A user's id as it may stand in logs: the same user gives the same text, which tells nobody who it is. */
export const hashedUserId = (userId: string): string =>
  createHash('sha256').update(userId).digest('hex').slice(0, 16);

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
export const createLog = (functionName: string): Log => {
  const logger = new Logger({ serviceName: functionName });
  return {
    info: (message, fields = {}) => logger.info(message, { ...fields }),
    warn: (message, fields = {}) => logger.warn(message, { ...fields }),
    failure: (message, error, fields = {}) => logger.error(message, { ...fields, ...errorFields(error) }),
  };
};
