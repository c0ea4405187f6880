const DEFAULT_SECONDS = 2;
const LONGEST_SECONDS = 60;

/** What is known when the next request may be made. */
export interface PollingMoment {
  /** What the last answer asked for. */
  readonly retryAfterSeconds?: number | undefined;
  /** How many requests in a row got no answer, or one that the server is to blame for. */
  readonly failures: number;
  readonly isHidden: boolean;
  readonly isOnline: boolean;
}

/** Milliseconds until the next request; undefined while it is to wait for the tab or the network to come back. */
export const nextPoll = ({
  retryAfterSeconds,
  failures,
  isHidden,
  isOnline,
}: PollingMoment): number | undefined => {
  if (isHidden || !isOnline) return undefined;
  const asked = retryAfterSeconds ?? DEFAULT_SECONDS;
  const backedOff = failures === 0 ? 0 : 2 ** failures;
  return Math.min(LONGEST_SECONDS, Math.max(asked, backedOff)) * 1000;
};
