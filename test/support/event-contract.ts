import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalSettings } from '../../infra/local/local-settings.ts';
import { eventSchema } from '../../shared/api/asyncapi.ts';
import { EVENT_SOURCE, EVENT_TYPES, type EventType } from '../../shared/domain/events.ts';
import { checkOf, createAjv } from './json-schema-check.ts';

const ajv = createAjv();
const CHECKS = new Map<string, ReturnType<typeof checkOf>>(
  EVENT_TYPES.map((type) => [type, checkOf(ajv, eventSchema(type))]),
);

/** What is wrong with an event, by its published schema. */
export const eventProblems = (type: string, detail: unknown): string[] =>
  CHECKS.get(type)?.(detail) ?? [`There is no schema of the event ${type}.`];

interface LoggedEvent {
  readonly source: string;
  readonly 'detail-type': EventType;
  readonly detail: unknown;
}

const eventsOf = (dataDir: string): LoggedEvent[] => {
  const file = join(dataDir, 'eventbridge', 'events.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as LoggedEvent).filter(({ source }) => source === EVENT_SOURCE);
};

/**
 * Holds every event that a system has published to its schema.
 * @throws Error that tells which events are not as they are documented
 */
export const assertEventsAsDocumented = ({ dataDir }: Pick<LocalSettings, 'dataDir'>): void => {
  const problems = eventsOf(dataDir).flatMap(({ 'detail-type': type, detail }) =>
    eventProblems(type, detail).map((problem) => `${type}: ${problem}`),
  );
  if (problems.length > 0) {
    throw new Error(`Events are not as documented:\n${[...new Set(problems)].join('\n')}`);
  }
};
