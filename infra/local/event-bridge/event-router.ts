import { randomUUID } from 'node:crypto';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../local-identity.ts';
import type { EventBridgeEvent } from './delivered-event.ts';
import type { EventBuses } from './event-buses.ts';
import type { EventLog } from './event-log.ts';
import { compileEventPattern } from './event-pattern.ts';
import type { PutEvent } from './put-events.ts';

/** Sends the events of a bus that match a pattern to a target. */
export interface EventRule {
  readonly name: string;
  readonly eventBusName: string;
  readonly eventPattern: unknown;
  readonly target: (event: EventBridgeEvent) => void | Promise<void>;
}

interface CompiledRule extends EventRule {
  readonly matches: (event: unknown) => boolean;
}

const toEvent = ({
  source,
  detailType,
  detail,
  resources = [],
  time = Date.now(),
}: PutEvent): EventBridgeEvent => ({
  version: '0',
  id: randomUUID(),
  'detail-type': detailType,
  source,
  account: LOCAL_ACCOUNT_ID,
  time: new Date(time).toISOString().replace(/\.\d+Z$/, 'Z'),
  region: LOCAL_REGION,
  resources: [...resources],
  detail: { ...detail },
});

const warn = (reason: string): void => process.emitWarning(reason, { type: 'LocalEventBridge' });

const deliver = async ({ name, target }: EventRule, event: EventBridgeEvent): Promise<void> => {
  try {
    await target(structuredClone(event));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    warn(`The target of the rule ${name} failed for the event ${event.id}: ${reason}`);
  }
};

/** Takes events, logs them and hands them to the targets of the rules that match. */
export class EventRouter {
  readonly #buses: EventBuses;
  readonly #log: EventLog;
  readonly #rules: readonly CompiledRule[];

  /** Throws InvalidEventPattern. */
  constructor(buses: EventBuses, log: EventLog, rules: readonly EventRule[]) {
    this.#buses = buses;
    this.#log = log;
    this.#rules = rules.map((rule) => ({ ...rule, matches: compileEventPattern(rule.eventPattern) }));
  }

  /**
   * Returns the event's id. As on AWS an event for a bus that does not exist is accepted and lost; here a process warning tells.
   * Targets are called after this returns; one that fails is reported as a process warning and not tried again.
   */
  put(putEvent: PutEvent): string {
    const event = toEvent(putEvent);
    const busName = putEvent.eventBusName ?? 'default';
    const bus = this.#buses.find(busName);
    if (bus === undefined) {
      warn(`An event of the type "${putEvent.detailType}" is lost: there is no event bus ${busName}.`);
      return event.id;
    }
    const matched = this.#rules.filter((rule) => rule.eventBusName === bus.name && rule.matches(event));
    const matchedRules = matched.map(({ name }) => name);
    this.#log.append({ ...event, eventBusName: bus.name, matchedRules });
    for (const rule of matched) setImmediate(() => void deliver(rule, event));
    return event.id;
  }
}
