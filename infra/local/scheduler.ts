import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from './local-identity.ts';

export interface ScheduleOptions {
  readonly name: string;
  readonly everySeconds: number;
  /** Called with what EventBridge Scheduler sends a function. A rejection is the invocation's own affair. */
  readonly invoke: (event: unknown) => Promise<unknown>;
}

/** As EventBridge Scheduler sends it to a Lambda target without an input of its own. */
const scheduledEvent = (name: string) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.scheduler',
  account: LOCAL_ACCOUNT_ID,
  time: new Date().toISOString().replace(/\.\d+/, ''),
  region: LOCAL_REGION,
  resources: [`arn:aws:scheduler:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:schedule/default/${name}`],
  detail: '{}',
});

/**
 * Invokes every so many seconds. The wait begins anew when an invocation has ended, so that there are never two at a time.
 * Closing does not wait for one that is under way: whoever runs the functions ends it.
 */
export const startSchedule = ({ name, everySeconds, invoke }: ScheduleOptions) => {
  const stop = new AbortController();

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await delay(everySeconds * 1000, undefined, { signal: stop.signal });
      await invoke(scheduledEvent(name)).catch(() => undefined);
    }
  };

  run().catch(() => undefined);
  return {
    close: (): Promise<void> => {
      stop.abort();
      return Promise.resolve();
    },
  };
};
