import { describe, expect, it } from '@jest/globals';
import { AccessRefused, ServiceUnavailable } from '../../../../shared/domain/errors.ts';
import { brokenInvariants, ExportWorld, LATE_WRITER_MS } from '../../../support/export-world.ts';
import { HOUR_MS } from '../../../support/export-builders.ts';

type Act = (world: ExportWorld) => Promise<unknown>;

interface Story {
  /** What happens before, all of it well. */
  readonly before: Act;
  /** What dies on the way. */
  readonly act: Act;
  /** How the export may end. */
  readonly ends: readonly string[];
}

const nothing: Act = () => Promise.resolve();
const begun: Act = async (world) => {
  await world.start();
  await world.begin();
  world.write();
};
const completed: Act = async (world) => {
  await begun(world);
  await world.complete();
  world.ports.workflow.executions.set(world.run.exportId, { status: 'succeeded' });
};
const failed: Act = async (world) => {
  await begun(world);
  await world.fail();
  world.ports.workflow.executions.set(world.run.exportId, { status: 'failed' });
};
const deletedWhileRunning: Act = async (world) => {
  await begun(world);
  await world.delete();
};

const STORIES: Readonly<Record<string, Story>> = {
  'the request for it': { before: nothing, act: (world) => world.start(), ends: ['absent', 'completed'] },
  'the request for one that may not be started': {
    before: nothing,
    act: async (world) => {
      const { workflow } = world.ports;
      workflow.failure = new AccessRefused('The workflow service refused access.');
      await world.start().finally(() => (workflow.failure = undefined));
    },
    ends: ['absent', 'completed', 'failed'],
  },
  'its completion': { before: begun, act: (world) => world.complete(), ends: ['completed', 'failed'] },
  'its failure': { before: begun, act: (world) => world.fail(), ends: ['failed'] },
  'its deletion while it runs': {
    before: begun,
    act: (world) => world.delete(),
    ends: ['deleted', 'failed'],
  },
  'its deletion when it is completed': {
    before: completed,
    act: (world) => world.delete(),
    ends: ['deleted', 'completed'],
  },
  'its deletion when it has failed': {
    before: failed,
    act: (world) => world.delete(),
    ends: ['deleted', 'failed'],
  },
  'the sweep that starts it': {
    before: async (world) => {
      world.ports.workflow.failure = new ServiceUnavailable('The workflow service is down.');
      await world.start().catch(() => undefined);
      world.ports.workflow.failure = undefined;
      world.clock.instant += HOUR_MS / 6;
    },
    act: (world) => world.sweep(),
    ends: ['completed'],
  },
  'the sweep that fails it': {
    before: async (world) => {
      await begun(world);
      world.ports.workflow.executions.set(world.run.exportId, { status: 'timed_out' });
      world.clock.instant += HOUR_MS;
    },
    act: (world) => world.sweep(),
    ends: ['failed'],
  },
  'the sweep that expires it': {
    before: async (world) => {
      await completed(world);
      world.clock.instant += 24 * HOUR_MS;
    },
    act: (world) => world.sweep(),
    ends: ['expired'],
  },
  'the sweep that erases it': {
    before: async (world) => {
      await deletedWhileRunning(world);
      world.write();
      world.clock.instant += LATE_WRITER_MS;
    },
    act: (world) => world.sweep(),
    ends: ['deleted'],
  },
};

/** The execution that a start has brought about runs to its end, if nobody has closed the job by then. */
const runExecution = async (world: ExportWorld): Promise<void> => {
  const { executions, started } = world.ports.workflow;
  const { exportId } = world.run;
  if (executions.has(exportId) || !started.includes(exportId)) return;
  try {
    await world.begin();
    world.write();
    await world.complete();
    executions.set(exportId, { status: 'succeeded' });
  } catch {
    executions.set(exportId, { status: 'failed' });
  }
};

/** An execution whose function has died and was not tried again, and of which no Catch and no rule has told. */
const abandonExecution = ({ ports, run }: ExportWorld): void => {
  const { executions } = ports.workflow;
  if (executions.get(run.exportId)?.status === 'running') executions.set(run.exportId, { status: 'failed' });
};

const live = async ({ before, act }: Story, crash: { atCall: number; effect: boolean } | undefined) => {
  const world = new ExportWorld();
  await before(world);
  world.crash = crash;
  await act(world).catch(() => undefined);
  const { calls } = world;
  world.crash = undefined;
  abandonExecution(world);
  for (let sweep = 0; sweep < 24; sweep += 1) {
    await runExecution(world);
    await world.sweepFor(1 / 12);
  }
  await world.sweepFor(8);
  return { world, calls };
};

describe('an export comes to rest, and all that must hold then holds, when', () => {
  it.each(Object.entries(STORIES))('%s dies at any call, before or after its effect', async (_, story) => {
    const { world: untouched, calls } = await live(story, undefined);
    expect(await brokenInvariants(untouched)).toEqual([]);
    expect(calls).toBeGreaterThan(3);
    const ends = new Set<string>();
    for (let atCall = 1; atCall <= calls; atCall += 1) {
      for (const effect of [false, true]) {
        const { world } = await live(story, { atCall, effect });
        const status = (await world.row())?.status ?? 'absent';
        ends.add(status);
        expect({ atCall, effect, status, broken: await brokenInvariants(world) }).toEqual({
          ...{ atCall, effect, status, broken: [] },
        });
      }
    }
    expect([...ends].sort()).toEqual([...story.ends].sort());
  });
});
