import { paginateListExecutions } from '@aws-sdk/client-sfn';
import { LOCAL_WORKFLOW_ARN } from '../../../infra/local/export-workflow.ts';
import type { ResultRow } from '../../bench/bench-case.ts';
import type { DeliveredEvent } from '../../faults/fault-world.ts';
import { startService, type StartedService } from '../../support/started-service.ts';
import { percentile, type LoadRun, type LoadScenario } from '../load-scenario.ts';
import { exportOf, seedUsers, type EndedExport, type LoadUser } from '../load-users.ts';

const USERS = 100;
const SWEEP_SECONDS = 60;
const LONGER_AT_MOST = 1.15;
const POLL_SECONDS = 0.05;
const WARM_UP = 8;

const executionNames = async ({ clients }: StartedService): Promise<string[]> => {
  const names: string[] = [];
  const asked = { stateMachineArn: LOCAL_WORKFLOW_ARN };
  for await (const page of paginateListExecutions({ client: clients.sfn }, asked)) {
    names.push(...(page.executions ?? []).map(({ name }) => name ?? ''));
  }
  return names;
};

/** Every event of an end under its export and id. */
const endingEvents = async ({ endpoints }: StartedService): Promise<string[]> => {
  const answer = await fetch(`${endpoints.eventbridge}/_local/events`);
  const { events } = (await answer.json()) as { events: DeliveredEvent[] };
  return events
    .filter((event) => ['export.completed', 'export.failed'].includes(event['detail-type']))
    .map(({ detail }) => `${detail.data?.exportId ?? ''} ${detail.eventId ?? ''}`);
};

const oneAfterAnother = async (users: readonly LoadUser[], { signal, note }: LoadRun) => {
  note(`${users.length} exports one after another …`);
  const ended: EndedExport[] = [];
  for (const user of users) {
    signal.throwIfAborted();
    ended.push(await exportOf(user, POLL_SECONDS));
  }
  return ended;
};

const measure = async (run: LoadRun): Promise<ResultRow[]> => {
  const count = run.given.users ?? USERS;
  const service = await startService(run.folder, SWEEP_SECONDS);
  try {
    const users = await seedUsers(service, count, run);
    // As many at once as a function has processes: all of these have started before anything is measured.
    const warmUp = await Promise.all(users.slice(0, WARM_UP).map((user) => exportOf(user)));
    const serial = await oneAfterAnother(users, run);
    const serialSeconds = serial.reduce((sum, { seconds }) => sum + seconds, 0);

    run.note(`${count} exports at once …`);
    const startedAt = Date.now();
    const atOnce = await Promise.all(users.map((user) => exportOf(user)));
    const makespan = (Math.max(...atOnce.map(({ endedAt }) => endedAt)) - startedAt) / 1000;

    const exports = 2 * count + warmUp.length;
    const names = await executionNames(service);
    const events = await endingEvents(service);
    return [
      {
        name: 'exports that were completed',
        value: atOnce.filter(({ status }) => status === 'completed').length,
        unit: `of ${count}`,
        atLeast: count,
      },
      { name: 'executions beyond one each', value: names.length - exports, unit: '', limit: 0 },
      { name: 'exports without an execution', value: exports - new Set(names).size, unit: '', limit: 0 },
      {
        name: 'endings beyond one event id each',
        value: Math.abs(new Set(events).size - exports),
        unit: '',
        limit: 0,
      },
      { name: 'one after another', value: serialSeconds, unit: 's' },
      { name: 'all at once', value: makespan, unit: 's', limit: LONGER_AT_MOST * serialSeconds },
      {
        name: 'all at once: half have ended after',
        value: percentile(
          atOnce.map(({ seconds }) => seconds),
          50,
        ),
        unit: 's',
      },
    ];
  } finally {
    await service.close();
  }
};

export const crowd: LoadScenario = {
  name: 'crowd',
  about: `${USERS} users (--users) who all export at once, compared with one after another.`,
  measure,
};
