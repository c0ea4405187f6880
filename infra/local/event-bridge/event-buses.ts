import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../local-identity.ts';

const busesSchema = z.record(z.string(), z.strictObject({ createdAt: z.number() }));

export interface EventBus {
  readonly name: string;
  readonly arn: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export const eventBusArn = (name: string): string =>
  `arn:aws:events:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:event-bus/${name}`;

/** The name of a bus given by its name or its ARN. */
export const eventBusNameOf = (nameOrArn: string): string =>
  nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf('/') + 1) : nameOrArn;

/** The event buses, `default` among them, kept in `event-buses.json`. */
export class EventBuses {
  readonly #file: string;
  readonly #createdAt: Map<string, number>;

  constructor(dataDir: string, names: readonly string[]) {
    mkdirSync(dataDir, { recursive: true });
    this.#file = join(dataDir, 'event-buses.json');
    const kept = existsSync(this.#file)
      ? busesSchema.parse(JSON.parse(readFileSync(this.#file, 'utf8')))
      : {};
    this.#createdAt = new Map(Object.entries(kept).map(([name, { createdAt }]) => [name, createdAt]));
    for (const name of ['default', ...names]) if (!this.#createdAt.has(name)) this.create(name);
  }

  find(nameOrArn: string): EventBus | undefined {
    const name = eventBusNameOf(nameOrArn);
    const createdAt = this.#createdAt.get(name);
    return createdAt === undefined ? undefined : { name, arn: eventBusArn(name), createdAt };
  }

  /** In the order of their names. */
  list(): EventBus[] {
    return [...this.#createdAt]
      .map(([name, createdAt]) => ({ name, arn: eventBusArn(name), createdAt }))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  create(name: string): void {
    this.#createdAt.set(name, Date.now());
    const kept = Object.fromEntries([...this.#createdAt].map(([bus, createdAt]) => [bus, { createdAt }]));
    writeFileSync(`${this.#file}.new`, JSON.stringify(kept));
    renameSync(`${this.#file}.new`, this.#file);
  }
}
