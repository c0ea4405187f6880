import { describe, expect, it } from '@jest/globals';
import { ServiceUnavailable } from '../../../shared/domain/errors.ts';
import { FOLLOW_UP_MS } from '../../../shared/domain/export-job.ts';
import { AN_EXPORT_ID, ExportWorld } from '../../support/export-world.ts';
import { HOUR_MS } from '../../support/export-builders.ts';

const started = async (): Promise<ExportWorld> => {
  const world = new ExportWorld();
  await world.start();
  return world;
};

describe('what operators see of an export', () => {
  it('that succeeds is its start, how long it waited, its end, and what is in its package, each once', async () => {
    const world = await started();
    world.clock.instant += 700;
    await world.begin();
    world.clock.instant += 4_300;
    world.write();
    await world.complete();
    expect(world.metrics.recorded).toEqual([
      ['ExportsStarted', 1],
      ['TimeToStart', 700],
      ['ExportsCompleted', 1],
      ['ExportsPartial', 0],
      ['ExportDuration', 5_000],
      ['PackageSize', 4711],
      ['RecordsExported', 2],
      ['MissingFiles', 0],
    ]);
  });

  it('does not change when steps are tried again that were done already', async () => {
    const world = await started();
    for (let time = 0; time < 2; time += 1) {
      await world.begin();
      world.clock.instant += 1_000;
    }
    world.write();
    await world.complete();
    await world.complete();
    await world.fail();
    const names = world.metrics.recorded.map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain('ExportsFailed');
  });

  it('that fails is its reason, by the code that programs know, and how long it took, once', async () => {
    const world = await started();
    await world.begin();
    world.metrics.recorded.length = 0;
    world.clock.instant += 2_000;
    await world.fail();
    await world.fail();
    expect(world.metrics.recorded).toEqual([
      ['ExportsFailed', 1, 'AccessRefused'],
      ['FailedExportDuration', 2_000],
    ]);
  });
});

describe('an export that the sweeper must look after', () => {
  it('is stuck when it was never started, and its event is late', async () => {
    const world = new ExportWorld();
    world.ports.workflow.failure = new ServiceUnavailable('Down.');
    await expect(world.start()).rejects.toThrow();
    world.ports.workflow.failure = undefined;
    world.clock.instant += FOLLOW_UP_MS;
    await world.sweep();
    expect(world.metrics.recorded).toEqual([
      ['ExportsStarted', 1],
      ['EventsNotPublished', 1],
      ['StuckExports', 1],
    ]);
  });

  it('is stuck, and failed, when its execution ended without it', async () => {
    const world = await started();
    await world.begin();
    world.ports.workflow.executions.set(AN_EXPORT_ID, { status: 'succeeded' });
    world.clock.instant += HOUR_MS;
    await world.sweep();
    expect(world.metrics.of('StuckExports')).toEqual([1]);
    expect(world.metrics.recorded).toContainEqual(['ExportsFailed', 1, 'ExecutionLost']);
  });

  it('is nobody’s failure when it completes in the moment in which it would have been failed', async () => {
    const world = await started();
    await world.begin();
    world.write();
    world.ports.workflow.executions.set(AN_EXPORT_ID, { status: 'succeeded' });
    world.clock.instant += HOUR_MS;
    const { workflow } = world.ports;
    const executionOf = workflow.executionOf.bind(workflow);
    workflow.executionOf = async (exportId) => {
      workflow.executionOf = executionOf;
      await world.complete();
      return executionOf(exportId);
    };
    await world.sweep();
    expect(world.metrics.of('ExportsCompleted')).toEqual([1]);
    expect(world.metrics.of('StuckExports')).toEqual([]);
    expect(world.metrics.of('ExportsFailed')).toEqual([]);
  });

  it('is not stuck in all its day when nothing has gone wrong', async () => {
    const world = await started();
    await world.begin();
    world.write();
    await world.complete();
    await world.sweepFor(48);
    expect(world.metrics.of('StuckExports')).toEqual([]);
    expect(world.metrics.of('EventsNotPublished')).toEqual([]);
    expect(world.metrics.of('ExportsFailed')).toEqual([]);
  });
});
