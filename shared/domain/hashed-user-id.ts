import { createHash } from 'node:crypto';

/**
 * A user's id as it may stand in logs: the same user gives the same text. It needs no key, because ids are random and not to
 * be guessed, and without one operators who are given an id can find its lines.
 */
export const hashedUserId = (userId: string): string =>
  createHash('sha256').update(userId).digest('hex').slice(0, 16);
