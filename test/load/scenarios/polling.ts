import { setTimeout as delay } from 'node:timers/promises';
import type { ResultRow } from '../../bench/bench-case.ts';
import { seedSmallHousehold } from '../../support/small-household.ts';
import { ExportApi } from '../../support/export-api.ts';
import { startService } from '../../support/started-service.ts';
import { startSystemBehindProxies } from '../../support/system-behind-proxies.ts';
import { percentile, type LoadRun, type LoadScenario } from '../load-scenario.ts';
import { exportOf, seedUsers } from '../load-users.ts';
import { pollSteadily, type PolledAnswer } from '../steady-pollers.ts';
import type { LoadRequest } from '../steady-requests.ts';

const PER_SECOND = 500;
const SECONDS = 60;
const USERS = 20;
/** Until V8 has compiled what is hot in each process, a poll costs twice as much: some thousands of them. */
const WARMING_SECONDS = 20;
const KEPT_RATE = 0.98;
const SWEEP_SECONDS = 60;
const LONGEST_P99_MS = 50;
const SAMPLE_POLLS = 40;
const LOOK_EVERY_MS = 20;

/** How many requests to DynamoDB one poll costs: where a proxy counts them, apart from the load it would slow down. */
const requestsPerPoll = async (headersOf: (etag: string) => Record<string, string>, expected: number) => {
  const behind = await startSystemBehindProxies();
  const { system, proxies } = behind;
  try {
    const userId = 'polling-user';
    await seedSmallHousehold(system.clients, system.settings, userId);
    const api = new ExportApi(system.apiUrl, await system.issueToken(userId));
    const exportId = await api.start();
    const { headers } = await api.ended(exportId);
    // What completes an export has something left to write when its status is there.
    while (system.functions.runningInvocations().length > 0) await delay(LOOK_EVERY_MS);
    proxies.dynamodb.reset();
    for (let poll = 0; poll < SAMPLE_POLLS; poll += 1) {
      const answer = await api.call('GET', `/export/${exportId}/status`, {
        headers: headersOf(headers.get('etag') ?? ''),
      });
      if (answer.status !== expected) throw new Error(`A poll was answered with ${answer.status}.`);
    }
    return proxies.dynamodb.requests.length / SAMPLE_POLLS;
  } finally {
    await behind.end();
  }
};

type Poll = readonly [plain: LoadRequest, conditional: LoadRequest];

const percentileRow = (replies: readonly PolledAnswer[], hundredths: number, limit?: number): ResultRow => ({
  name: `polls, p${hundredths}`,
  value: percentile(
    replies.map(({ ms }) => ms),
    hundredths,
  ),
  unit: 'ms',
  ...(limit === undefined ? {} : { limit }),
});

const countOf = (replies: readonly PolledAnswer[], status: number): number =>
  replies.filter((reply) => reply.status === status).length;

interface Rate {
  readonly kept: number;
  readonly wanted: number;
}

const rowsOf = (
  replies: readonly PolledAnswer[],
  { kept, wanted }: Rate,
  reads: { whole: number; unchanged: number },
): ResultRow[] => {
  const whole = countOf(replies, 200);
  const unchanged = countOf(replies, 304);
  // Up to the last one of each poller.
  const half = Math.floor((replies.length - wanted) / 2);
  return [
    { name: 'polls', value: replies.length, unit: '' },
    { name: 'polls answered a second', value: kept, unit: '', atLeast: KEPT_RATE * wanted },
    percentileRow(replies, 50),
    percentileRow(replies, 95),
    percentileRow(replies, 99, LONGEST_P99_MS),
    percentileRow(replies, 100),
    { name: 'answered with 200', value: whole, unit: '', atLeast: half },
    {
      name: 'answered with 304, as the ETag asks',
      value: unchanged,
      unit: '',
      atLeast: half,
    },
    {
      name: 'answered otherwise, or not at all',
      value: replies.length - whole - unchanged,
      unit: '',
      limit: 0,
    },
    { name: 'DynamoDB requests for a 200', value: reads.whole, unit: '', limit: 1 },
    { name: 'DynamoDB requests for a 304', value: reads.unchanged, unit: '', limit: 1 },
  ];
};

const measure = async (run: LoadRun): Promise<ResultRow[]> => {
  const { signal, note, given } = run;
  const perSecond = given.rate ?? PER_SECOND;
  const seconds = given.seconds ?? SECONDS;
  const whole = await requestsPerPoll(() => ({}), 200);
  const unchanged = await requestsPerPoll((etag) => ({ 'if-none-match': etag }), 304);

  const service = await startService(run.folder, SWEEP_SECONDS);
  try {
    const polls: Poll[] = [];
    for (const user of await seedUsers(service, given.users ?? USERS, run)) {
      const { exportId } = await exportOf(user, 0.05);
      const { headers: answered } = await user.api.call('GET', `/export/${exportId}/status`);
      const headers = { authorization: `Bearer ${user.token}` };
      const plain = { method: 'GET', path: `/export/${exportId}/status`, headers } as const;
      const etag = answered.get('etag') ?? '';
      polls.push([plain, { ...plain, headers: { ...headers, 'if-none-match': etag } }]);
    }
    const requestsOf = (poller: number): readonly LoadRequest[] => {
      const poll = polls[poller % polls.length];
      if (poll === undefined) throw new Error('There must be users.');
      // So that in each second half of the pollers ask with their ETag.
      return Math.floor(poller / polls.length) % 2 === 0 ? poll : poll.toReversed();
    };
    const poll = { apiUrl: service.apiUrl, perSecond, signal, requestsOf };
    note(`${perSecond} polls a second to warm up, ${WARMING_SECONDS} s …`);
    await pollSteadily({ ...poll, seconds: WARMING_SECONDS });
    note(`${perSecond} polls a second for ${seconds} s, every other one with an ETag …`);
    const startedAt = performance.now();
    const replies = await pollSteadily({ ...poll, seconds });
    const lastAt = replies.reduce((latest, { at }) => Math.max(latest, at), startedAt);
    const kept = (replies.length * 1000) / (lastAt - startedAt);
    return rowsOf(replies, { kept, wanted: perSecond }, { whole, unchanged });
  } finally {
    await service.close();
  }
};

export const polling: LoadScenario = {
  name: 'polling',
  about: `${PER_SECOND} polls a second (--rate) of ${USERS} exports (--users) for ${SECONDS} s (--seconds).`,
  measure,
};
