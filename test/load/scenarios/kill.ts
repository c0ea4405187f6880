import { randomInt } from 'node:crypto';
import { sentenceOf } from '../../../infra/local/commands/command-line.ts';
import type { ResultRow } from '../../bench/bench-case.ts';
import { KilledService, killPoints, type Survived } from '../../faults/killed-service.ts';
import { percentile, type LoadRun, type LoadScenario } from '../load-scenario.ts';

const POINTS = 50;
const SEEDS = 1_000_000;

const rowsOf = (survived: readonly Survived[], points: number): ResultRow[] => {
  const ended = (status: string) => survived.filter((one) => one.status === status).length;
  return [
    { name: 'kills that left all whole', value: survived.length, unit: `of ${points}`, atLeast: points },
    { name: 'exports completed after the next start', value: ended('completed'), unit: '' },
    { name: 'exports failed after the next start', value: ended('failed'), unit: '' },
    {
      name: 'requests that got no answer, and were repeated',
      value: survived.filter(({ answered }) => !answered).length,
      unit: '',
    },
    {
      name: 'from the next start to the end of the export, p95',
      value:
        percentile(
          survived.map(({ endedAfterMs }) => endedAfterMs),
          95,
        ) / 1000,
      unit: 's',
    },
  ];
};

const measure = async ({ folder, given, signal, note }: LoadRun): Promise<ResultRow[]> => {
  const { points = POINTS, seed = randomInt(SEEDS) } = given;
  note(`Killing the service at ${points} points, --seed ${seed} …`);
  const killed = new KilledService(folder);
  const survived: Survived[] = [];
  try {
    await killed.start();
    for (const [index, point] of killPoints(seed, points).entries()) {
      signal.throwIfAborted();
      const at = `point ${index + 1} of ${points} (--seed ${seed}), ${point.whom} at ${point.share.toFixed(3)}`;
      try {
        const one = await killed.survive(point);
        note(`${at}: after ${one.killedAfterMs} ms; ${one.status} in ${one.endedAfterMs} ms`);
        survived.push(one);
      } catch (error) {
        throw new Error(`${at}: ${sentenceOf(error)}`, { cause: error });
      }
    }
    return rowsOf(survived, points);
  } finally {
    await killed.end();
  }
};

export const kill: LoadScenario = {
  name: 'kill',
  about: `The service is killed at ${POINTS} random points (--points, --seed) of an export and started again.`,
  measure,
};
