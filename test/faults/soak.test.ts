import { describe, expect, it } from '@jest/globals';
import { FaultWorld } from './fault-world.ts';
import { runSchedule } from './soak-run.ts';
import { soakSchedule } from './soak-schedule.ts';

/** What `npm run soak` asks for; without it, the part of the soak that every run of the tests does. */
const { SOAK_SEED = '5', SOAK_SCHEDULES = '40', SOAK_ONLY } = process.env;
const TELLS = process.env['SOAK_SEED'] !== undefined;
const SEED = Number(SOAK_SEED);
const NUMBERS =
  SOAK_ONLY === undefined
    ? Array.from({ length: Number(SOAK_SCHEDULES) }, (_, at) => at + 1)
    : [Number(SOAK_ONLY)];
/** A world is used for several, because starting one takes longer than a schedule. */
const SCHEDULES_PER_WORLD = 20;
const SECONDS_PER_SCHEDULE = 60;
const LANES = 2;
const LEFT_BEHIND = 'What an export had left behind was removed.';

const wordsOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/** What is needed to see it again. */
const reportOf = (number: number, error: unknown): string =>
  [
    `Schedule ${number} of seed ${SEED} broke: npm run soak -- --seed ${SEED} --only ${number}`,
    JSON.stringify(soakSchedule(SEED, number)),
    wordsOf(error),
  ].join('\n');

class Soak {
  readonly broken: string[] = [];
  /** How many exports came to which end. */
  readonly ends = new Map<string, number>();
  struck = 0;
  /** How many leftovers were found only by the sweeper's search for what no export has any more: the last net of all. */
  leftBehind = 0;
  #done = 0;
  readonly #waiting = [...NUMBERS];
  readonly #startedAt = Date.now();

  async run(): Promise<void> {
    const lanes = Math.min(LANES, Math.ceil(NUMBERS.length / SCHEDULES_PER_WORLD));
    await Promise.all(Array.from({ length: lanes }, () => this.#lane()));
  }

  async #lane(): Promise<void> {
    while (this.#waiting.length > 0) await this.#inOneWorld(this.#waiting.splice(0, SCHEDULES_PER_WORLD));
  }

  /** What breaks a world breaks it for whatever comes after: that goes on in a new one. */
  async #inOneWorld(numbers: readonly number[]): Promise<void> {
    const world = await FaultWorld.start();
    let at = 0;
    try {
      for (const number of numbers) {
        at += 1;
        this.struck += await runSchedule(world, soakSchedule(SEED, number));
        this.#tell();
      }
    } catch (error) {
      const broken = reportOf(numbers[at - 1] ?? 0, error);
      this.broken.push(broken);
      this.#tell(broken);
      this.#waiting.unshift(...numbers.slice(at));
    } finally {
      this.leftBehind += world.logText().split(LEFT_BEHIND).length - 1;
      for (const { status } of await world.rows()) this.ends.set(status, (this.ends.get(status) ?? 0) + 1);
      await world.end();
    }
  }

  #tell(report?: string): void {
    this.#done += 1;
    if (!TELLS) return;
    const seconds = Math.round((Date.now() - this.#startedAt) / 1000);
    const broken = this.broken.length;
    process.stdout.write(
      `seed ${SEED}: ${this.#done} of ${NUMBERS.length} schedules, ${broken} broken, ${seconds} s\n`,
    );
    if (report !== undefined) process.stdout.write(`${report}\n`);
  }
}

describe('the soak', () => {
  it(
    `holds every invariant through ${NUMBERS.length} schedules of seed ${SEED}`,
    async () => {
      const soak = new Soak();
      await soak.run();
      if (TELLS) {
        const ends = [...soak.ends].map(([status, count]) => `${count} ${status}`).join(', ');
        process.stdout.write(
          `seed ${SEED}: ${soak.struck} requests and invocations struck; exports: ${ends}; left behind: ${soak.leftBehind}\n`,
        );
      }
      expect(soak.broken.join('\n\n')).toBe('');
      // It is a soak only where things go wrong, and go well.
      if (NUMBERS.length >= SCHEDULES_PER_WORLD) {
        expect(soak.struck).toBeGreaterThan(NUMBERS.length);
        expect([...soak.ends.keys()]).toEqual(expect.arrayContaining(['completed', 'failed', 'deleted']));
      }
    },
    (NUMBERS.length + SCHEDULES_PER_WORLD) * SECONDS_PER_SCHEDULE * 1000,
  );
});
