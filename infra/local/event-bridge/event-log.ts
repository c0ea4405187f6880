import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { deliveredEventSchema, type DeliveredEvent } from './delivered-event.ts';

const readEvents = (file: string): DeliveredEvent[] => {
  if (!existsSync(file)) return [];
  const bytes = readFileSync(file);
  const whole = bytes.lastIndexOf('\n') + 1;
  // A line that a crash cut off was never acknowledged; the next one must not be glued to it.
  if (whole < bytes.length) truncateSync(file, whole);
  return bytes
    .subarray(0, whole)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => deliveredEventSchema.parse(JSON.parse(line)));
};

/** Every event that a bus accepted, in order, kept as JSON lines in `events.jsonl`. */
export class EventLog {
  readonly #file: string;
  readonly #events: DeliveredEvent[];

  constructor(dataDir: string) {
    mkdirSync(dataDir, { recursive: true });
    this.#file = join(dataDir, 'events.jsonl');
    this.#events = readEvents(this.#file);
  }

  events(): readonly DeliveredEvent[] {
    return [...this.#events];
  }

  append(event: DeliveredEvent): void {
    appendFileSync(this.#file, `${JSON.stringify(event)}\n`);
    this.#events.push(event);
  }
}
