import { describe, expect, it } from '@jest/globals';
import { FaultWorld } from './fault-world.ts';
import { runSchedule } from './soak-run.ts';
import { soakSchedule } from './soak-schedule.ts';

/** What `npm run soak` asks for; without it, the part of the soak that every run of the tests does. */
const { SOAK_SEED = '5', SOAK_SCHEDULES = '40', SOAK_ONLY } = process.env;
const SEED = Number(SOAK_SEED);
const NUMBERS =
  SOAK_ONLY === undefined
    ? Array.from({ length: Number(SOAK_SCHEDULES) }, (_, at) => at + 1)
    : [Number(SOAK_ONLY)];
/** A world is used for several, because starting one takes longer than a schedule. */
const SCHEDULES_PER_WORLD = 10;
const SECONDS_PER_SCHEDULE = 60;
const LANES = 2;

const wordsOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/** What is needed to see it again. */
const report = (number: number, error: unknown): string =>
  [
    `Schedule ${number} of seed ${SEED} broke: npm run soak -- --seed ${SEED} --only ${number}`,
    JSON.stringify(soakSchedule(SEED, number)),
    wordsOf(error),
  ].join('\n');

class Soak {
  readonly broken: string[] = [];
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
        await runSchedule(world, soakSchedule(SEED, number));
        this.#tell();
      }
    } catch (error) {
      this.broken.push(report(numbers[at - 1] ?? 0, error));
      this.#tell();
      this.#waiting.unshift(...numbers.slice(at));
    } finally {
      await world.end();
    }
  }

  #tell(): void {
    this.#done += 1;
    if (process.env['SOAK_SEED'] === undefined) return;
    const seconds = Math.round((Date.now() - this.#startedAt) / 1000);
    const broken = this.broken.length;
    process.stdout.write(
      `seed ${SEED}: ${this.#done} of ${NUMBERS.length} schedules, ${broken} broken, ${seconds} s\n`,
    );
    if (broken > 0) process.stdout.write(`${this.broken.at(-1) ?? ''}\n`);
  }
}

describe('the soak', () => {
  it(
    `holds every invariant through ${NUMBERS.length} schedules of seed ${SEED}`,
    async () => {
      const soak = new Soak();
      await soak.run();
      expect(soak.broken.join('\n\n')).toBe('');
    },
    (NUMBERS.length + SCHEDULES_PER_WORLD) * SECONDS_PER_SCHEDULE * 1000,
  );
});
