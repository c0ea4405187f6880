import { useEffect, useState } from 'preact/hooks';

export interface Reading<T> {
  /** The last that came, also while later ones fail. */
  readonly reply: T | undefined;
  /** Why the last request had no answer that is of use. */
  readonly failure: string | undefined;
}

const REFRESH_MS = 1000;
const RETRY_MS = 3000;

const messageIn = (answer: unknown): string | undefined =>
  typeof answer === 'object' && answer !== null && 'message' in answer && typeof answer.message === 'string'
    ? answer.message
    : undefined;

const read = async (path: string, signal: AbortSignal): Promise<unknown> => {
  const response = await fetch(path, { signal }).catch(() => {
    throw new Error('The local service does not answer. It is asked again every few seconds.');
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  throw new Error(messageIn(answer) ?? `The local service answered ${response.status}.`);
};

const untilVisible = (): Promise<void> =>
  document.visibilityState === 'visible'
    ? Promise.resolve()
    : new Promise((resolve) => {
        document.addEventListener('visibilitychange', () => resolve(), { once: true });
      });

/**
 * Reads a path, and again every second as long as `goesOn` says so of what came, while the page is to be seen.
 * Answers that take long are asked for less often. The server is our own: what it sends is of the type it says.
 */
export const useReply = <T>(
  path: string,
  isReply: (answer: unknown) => answer is T,
  goesOn: (reply: T) => boolean,
): Reading<T> => {
  const [reading, setReading] = useState<Reading<T>>({ reply: undefined, failure: undefined });
  useEffect(() => {
    const ended = new AbortController();
    const pause = (milliseconds: number): Promise<void> =>
      new Promise((resolve) => setTimeout(resolve, milliseconds));
    const next = async (): Promise<number | undefined> => {
      const asked = performance.now();
      try {
        const reply = await read(path, ended.signal);
        if (!isReply(reply)) throw new Error('The local service answered something else.');
        if (!ended.signal.aborted) setReading({ reply, failure: undefined });
        return goesOn(reply) ? Math.max(REFRESH_MS, 4 * (performance.now() - asked)) : undefined;
      } catch (error) {
        const failure = error instanceof Error ? error.message : String(error);
        if (!ended.signal.aborted) setReading(({ reply }) => ({ reply, failure }));
        return RETRY_MS;
      }
    };
    const follow = async (): Promise<void> => {
      while (!ended.signal.aborted) {
        const wait = await next();
        if (wait === undefined) return;
        await pause(wait);
        await untilVisible();
      }
    };
    void follow();
    return () => ended.abort();
  }, [path]);
  return reading;
};
