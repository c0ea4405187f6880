import { isRecord } from './is-record.ts';

/** Who has signed in, and until when. It lives as long as the tab. */
export interface Session {
  readonly accessToken: string;
  readonly idToken: string;
  readonly userId: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

const KEY = 'session';

/** Parsed JSON of the tab's storage; undefined where there is none or it is none. */
export const kept = (key: string): unknown => {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? '');
  } catch {
    return undefined;
  }
};

export const keep = (key: string, value: unknown): void => sessionStorage.setItem(key, JSON.stringify(value));

export const forget = (key: string): void => sessionStorage.removeItem(key);

export const keepSession = (session: Session): void => keep(KEY, session);

export const forgetSession = (): void => forget(KEY);

/** That of this tab, also when its time is over; undefined where nobody has signed in. */
export const keptSession = (): Session | undefined => {
  const value = kept(KEY);
  if (!isRecord(value)) return undefined;
  const { accessToken, idToken, userId, expiresAt } = value;
  if (typeof accessToken !== 'string' || typeof idToken !== 'string') return undefined;
  if (typeof userId !== 'string' || typeof expiresAt !== 'number') return undefined;
  return { accessToken, idToken, userId, expiresAt };
};
