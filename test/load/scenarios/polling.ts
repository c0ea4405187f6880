import type { ResultRow } from '../../bench/bench-case.ts';
import { seedSmallHousehold } from '../../support/small-household.ts';
import { ExportApi } from '../../support/export-api.ts';
import { startService } from '../../support/started-service.ts';
import { startSystemBehindProxies } from '../../support/system-behind-proxies.ts';
import { percentile, type LoadRun, type LoadScenario } from '../load-scenario.ts';
import { exportOf, seedUsers } from '../load-users.ts';
import { LoadClient, type LoadRequest, type Reply } from '../steady-requests.ts';

const PER_SECOND = 500;
const SECONDS = 60;
const USERS = 20;
const SWEEP_SECONDS = 60;
const LONGEST_P99_MS = 50;
const SAMPLE_POLLS = 40;

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

interface Poll {
  readonly plain: LoadRequest;
  readonly conditional: LoadRequest;
}

const percentileRow = (replies: readonly Reply[], hundredths: number, limit?: number): ResultRow => ({
  name: `polls, p${hundredths}`,
  value: percentile(
    replies.map(({ ms }) => ms),
    hundredths,
  ),
  unit: 'ms',
  ...(limit === undefined ? {} : { limit }),
});

const countOf = (replies: readonly Reply[], status: number): number =>
  replies.filter((reply) => reply.status === status).length;

const rowsOf = (replies: readonly Reply[], reads: { whole: number; unchanged: number }): ResultRow[] => {
  const whole = countOf(replies, 200);
  const unchanged = countOf(replies, 304);
  return [
    { name: 'polls', value: replies.length, unit: '' },
    percentileRow(replies, 50),
    percentileRow(replies, 95),
    percentileRow(replies, 99, LONGEST_P99_MS),
    percentileRow(replies, 100),
    { name: 'answered with 200', value: whole, unit: '', atLeast: Math.ceil(replies.length / 2) },
    {
      name: 'answered with 304, as the ETag asks',
      value: unchanged,
      unit: '',
      atLeast: Math.floor(replies.length / 2),
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
  const client = new LoadClient(service.apiUrl);
  try {
    const polls: Poll[] = [];
    for (const user of await seedUsers(service, given.users ?? USERS, run)) {
      const { exportId } = await exportOf(user, 0.05);
      const headers = { authorization: `Bearer ${user.token}` };
      const plain = { method: 'GET', path: `/export/${exportId}/status`, headers } as const;
      const etag = (await client.request(plain)).etag ?? '';
      polls.push({ plain, conditional: { ...plain, headers: { ...headers, 'if-none-match': etag } } });
    }
    const pollAt = (index: number): LoadRequest => {
      const poll = polls[Math.floor(index / 2) % polls.length];
      if (poll === undefined) throw new Error('There must be users.');
      return index % 2 === 0 ? poll.plain : poll.conditional;
    };
    // The processes of the function start, and V8 compiles what is hot.
    await client.steadily({ perSecond, seconds: 2, signal }, pollAt);
    note(`${perSecond} polls a second for ${seconds} s, every other one with an ETag …`);
    return rowsOf(await client.steadily({ perSecond, seconds, signal }, pollAt), { whole, unchanged });
  } finally {
    client.close();
    await service.close();
  }
};

export const polling: LoadScenario = {
  name: 'polling',
  about: `${PER_SECOND} polls a second (--rate) of ${USERS} exports (--users) for ${SECONDS} s (--seconds).`,
  measure,
};
