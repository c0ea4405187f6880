import { DynamoActiveExports } from '../../../shared/aws/dynamo-active-exports.ts';
import type { ResultRow } from '../../bench/bench-case.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { startService, type StartedService } from '../../support/started-service.ts';
import { percentile, type LoadRun, type LoadScenario } from '../load-scenario.ts';
import { exportOf, seedUsers, type LoadUser } from '../load-users.ts';
import { LoadClient, type LoadRequest, type Reply } from '../steady-requests.ts';

const SECONDS = 10;
const POSTS_PER_SECOND = 100;
const OTHERS = 8;
const OTHERS_PER_SECOND = 40;
const SWEEP_SECONDS = 60;
const CAP = 2;
const SLOWER_AT_MOST = 1.5;
const LOOK_EVERY_MS = 50;

interface Reader extends LoadUser {
  readonly exportId: string;
}

/** What people with an export look at: its status and their list. */
const readOf = (readers: readonly Reader[], index: number): LoadRequest => {
  const reader = readers[index % readers.length];
  if (reader === undefined) throw new Error('There must be other users.');
  const path = index % 16 < 8 ? `/export/${reader.exportId}/status` : '/export';
  return { method: 'GET', path, headers: { authorization: `Bearer ${reader.token}` } };
};

/** The most exports of the user that were seen to be active at a time, until the work is done. */
const mostActive = async (
  { clients, settings }: StartedService,
  userId: string,
  work: Promise<unknown>,
): Promise<number> => {
  const active = new DynamoActiveExports(clients.dynamodb, settings.tables.EXPORT_JOBS_TABLE);
  const done = new AbortController();
  void work.finally(() => done.abort()).catch(() => undefined);
  let most = 0;
  while (!done.signal.aborted) {
    most = Math.max(most, (await active.members(userId)).size);
    await delay(LOOK_EVERY_MS);
  }
  return most;
};

const untilNoneIsActive = async (service: StartedService, userId: string): Promise<void> => {
  const { clients, settings } = service;
  const active = new DynamoActiveExports(clients.dynamodb, settings.tables.EXPORT_JOBS_TABLE);
  while ((await active.members(userId)).size > 0) await delay(LOOK_EVERY_MS);
};

const p95 = (replies: readonly Reply[]): number =>
  percentile(
    replies.map(({ ms }) => ms),
    95,
  );
const withStatus = (replies: readonly Reply[], accept: (status: number) => boolean): number =>
  replies.filter(({ status }) => accept(status)).length;

const measure = async (run: LoadRun): Promise<ResultRow[]> => {
  const { signal, note, given } = run;
  const seconds = given.seconds ?? SECONDS;
  const perSecond = given.rate ?? POSTS_PER_SECOND;
  const service = await startService(run.folder, SWEEP_SECONDS);
  const client = new LoadClient(service.apiUrl);
  try {
    const [hasty, ...others] = await seedUsers(service, 1 + (given.users ?? OTHERS), run);
    if (hasty === undefined) throw new Error('There must be users.');
    const readers: Reader[] = [];
    for (const user of others) readers.push({ ...user, exportId: (await exportOf(user, 0.05)).exportId });
    const post = (): LoadRequest => ({
      method: 'POST',
      path: '/export',
      headers: { authorization: `Bearer ${hasty.token}` },
    });
    const read = (forSeconds: number) =>
      client.steadily({ perSecond: OTHERS_PER_SECOND, seconds: forSeconds, signal }, (index) =>
        readOf(readers, index),
      );
    // Starts the processes of each function that is asked.
    await Promise.all([read(2), client.steadily({ perSecond: 20, seconds: 2, signal }, post)]);
    await untilNoneIsActive(service, hasty.userId);

    note(`Other users alone, ${seconds} s …`);
    const before = await read(seconds);
    note(`${perSecond * seconds} requests for exports of one user in ${seconds} s beside them …`);
    const burst = client.steadily({ perSecond, seconds, signal }, post);
    const [during, posts, most] = await Promise.all([
      read(seconds),
      burst,
      mostActive(service, hasty.userId, burst),
    ]);
    await untilNoneIsActive(service, hasty.userId);

    const answers = Map.groupBy([...before, ...during], ({ status }) => status);
    note(
      `Other users were answered ${[...answers].map(([status, { length }]) => `${length} × ${status}`).join(', ')}.`,
    );
    return [
      { name: 'requests of one user', value: posts.length, unit: '' },
      {
        name: 'accepted (202)',
        value: withStatus(posts, (status) => status === 202),
        unit: '',
        atLeast: CAP,
      },
      { name: 'refused (429)', value: withStatus(posts, (status) => status === 429), unit: '' },
      {
        name: 'answered otherwise',
        value: withStatus(posts, (status) => status !== 202 && status !== 429),
        unit: '',
        limit: 0,
      },
      { name: 'active at a time, at most', value: most, unit: '', limit: CAP },
      { name: 'these requests, p95', value: p95(posts), unit: 'ms' },
      { name: 'other users alone, p95', value: p95(before), unit: 'ms' },
      {
        name: 'other users beside it, p95',
        value: p95(during),
        unit: 'ms',
        limit: SLOWER_AT_MOST * p95(before),
      },
      {
        name: 'other users: not answered with 200',
        value: withStatus([...before, ...during], (status) => status !== 200),
        unit: '',
        limit: 0,
      },
    ];
  } finally {
    client.close();
    await service.close();
  }
};

export const burst: LoadScenario = {
  name: 'burst',
  about: `One user who asks ${SECONDS * POSTS_PER_SECOND} times in ${SECONDS} s (--seconds, --rate), and ${OTHERS} others (--users) who read.`,
  measure,
};
