import { Logger } from '@aws-lambda-powertools/logger';
import { createHash } from 'node:crypto';
import type { Log } from '../ports.ts';

type Fields = Readonly<Record<string, string | number | boolean>>;

/** A user's id as it may stand in logs: the same user gives the same text, which tells nobody who it is. */
export const hashedUserId = (userId: string): string =>
  createHash('sha256').update(userId).digest('hex').slice(0, 16);

/** Names and codes only: the message of an error that is not ours may quote keys, values or links. */
const errorFields = (error: unknown): Fields => {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const cause = error.cause instanceof Error ? { causeName: error.cause.name } : {};
  return { errorName: error.name, ...cause };
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
