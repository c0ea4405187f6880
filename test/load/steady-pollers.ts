import autocannon from 'autocannon';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoadRequest } from './steady-requests.ts';

export interface PolledAnswer {
  /** 0 when there was none. */
  readonly status: number;
  readonly ms: number;
  /** When it came, by the process's clock, ms. */
  readonly at: number;
}

export interface Polling {
  readonly apiUrl: string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** What a poller asks, one after the other, over and over. */
  readonly requestsOf: (poller: number) => readonly LoadRequest[];
}

/** autocannon starts every second with the requests of all connections at once, so few may belong to one run of it. */
const POLLERS_AT_ONCE = 5;
const TIMEOUT_SECONDS = 30;

const polledBy = (
  { apiUrl, seconds, signal, requestsOf }: Polling,
  group: number,
  pollers: number,
): Promise<PolledAnswer[]> =>
  new Promise((resolve, reject) => {
    const answers: PolledAnswer[] = [];
    const run = autocannon(
      {
        url: apiUrl,
        connections: pollers,
        connectionRate: 1,
        amount: pollers * seconds,
        timeout: TIMEOUT_SECONDS,
        requests: requestsOf(group),
      },
      (error) => (error === null ? resolve(answers) : reject(error)),
    );
    run.on('response', (_client, status, _bytes, ms) => answers.push({ status, ms, at: performance.now() }));
    run.on('reqError', () => answers.push({ status: 0, ms: TIMEOUT_SECONDS * 1000, at: performance.now() }));
    signal.addEventListener('abort', () => run.stop(), { once: true });
  });

/**
 * So many pollers, each on a connection of its own, ask once a second, spread evenly over it: none waits for another one's
 * answer. autocannon's own way to keep a rate is one stampede a second.
 */
export const pollSteadily = async (polling: Polling): Promise<PolledAnswer[]> => {
  const { perSecond, signal } = polling;
  const groups = Math.ceil(perSecond / POLLERS_AT_ONCE);
  const answers = await Promise.all(
    Array.from({ length: groups }, async (_, group) => {
      await delay((1000 * group) / groups, undefined, { signal });
      const pollers = Math.min(POLLERS_AT_ONCE, perSecond - group * POLLERS_AT_ONCE);
      return polledBy(polling, group, pollers);
    }),
  );
  signal.throwIfAborted();
  return answers.flat();
};
