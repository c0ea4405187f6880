/** The process of one stage: its module, its name in there; its settings come by message. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Stage, StageMessage, StageResult } from './stage.ts';

/** Linux counts into maxRSS what the parent held when it forked; the kernel's own mark of this program is VmHWM (proc(5)). */
const peakMemoryBytes = (): number => {
  const { maxRSS } = process.resourceUsage();
  if (process.platform !== 'linux') return maxRSS * 1024;
  const [, kibibytes = maxRSS] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
};

const done = async (work: () => Promise<StageResult['told']>): Promise<StageResult> => {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const told = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { seconds, cpuSeconds: (user + system) / 1_000_000, peakMemoryBytes: peakMemoryBytes(), told };
};

const measured = async (module: string, name: string, settings: unknown): Promise<StageMessage> => {
  try {
    const stages = (await import(module)) as Readonly<Record<string, Stage<unknown>>>;
    const stage = stages[name];
    if (stage === undefined) throw new Error('there is no such stage.');
    return { result: await done(await stage(settings)) };
  } catch (error) {
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
};

// The parent ends it by a signal of its own; Ctrl-C reaches the whole process group.
process.on('SIGINT', () => undefined);
process.once('disconnect', () => process.exit(0));
const [module = '', name = ''] = process.argv.slice(2);
const [{ settings }] = (await once(process, 'message')) as [{ settings: unknown }];
process.send?.(await measured(module, name, settings), undefined, undefined, () => process.exit(0));
