import { createHash, randomBytes } from 'node:crypto';
import type { AuthorizationRequest } from './authorization-request.ts';

/** What somebody who holds a code, and the verifier to its challenge, is given tokens for. */
export interface Grant {
  readonly userId: string;
  readonly request: AuthorizationRequest;
}

const LIFETIME_MS = 60_000;
const MOST_CODES = 1_000;

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

/** Codes that have been issued and not been used: each is good for a minute and for one use, right or wrong. */
export class AuthorizationCodes {
  readonly #issued = new Map<string, { readonly grant: Grant; readonly expiresAt: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  issue(grant: Grant): string {
    const code = randomBytes(32).toString('base64url');
    const [oldest] = this.#issued.keys();
    if (oldest !== undefined && this.#issued.size >= MOST_CODES) this.#issued.delete(oldest);
    this.#issued.set(code, { grant, expiresAt: this.#now() + LIFETIME_MS });
    return code;
  }

  /** Undefined for a code that is unknown, used, too old, or not proven by its verifier (RFC 7636, section 4.6). */
  redeem(code: string, verifier: string): Grant | undefined {
    const found = this.#issued.get(code);
    this.#issued.delete(code);
    if (found === undefined || found.expiresAt <= this.#now()) return undefined;
    return challengeOf(verifier) === found.grant.request.codeChallenge ? found.grant : undefined;
  }
}
