import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createPseudoRandom } from '../../infra/local/sample-household/pseudo-random.ts';
import { nameBasedUuid } from '../../shared/domain/name-based-uuid.ts';
import type { ExportApi } from '../support/export-api.ts';
import { startService, type StartedService } from '../support/started-service.ts';
import { seedMarkedHousehold, type MarkedHousehold } from './marked-household.ts';
import { assertNothingIsBroken, assertVerifiedPackage, untilAllIsEnded } from './after-a-kill.ts';

const SWEEP_SECONDS = 1;
/** Only an export that hangs is given up. */
const PATIENCE_SECONDS = 600;
const HOUSEHOLD = { transactions: 400, files: 8, fileBytes: 150_000 };

/** When in an export its service is killed, and how much of it. */
export interface KillPoint {
  /** Of the time that the export takes undisturbed: 0 with its request, 1 at its end. */
  readonly share: number;
  readonly whom: 'service' | 'all its processes';
}

/** Spread over the whole export, each at a random place of its part; the same for the same seed. */
export const killPoints = (seed: number, count: number): KillPoint[] => {
  const random = createPseudoRandom(`kill points ${seed}`);
  return Array.from({ length: count }, (_, at) => ({
    share: Math.round(((at + random.integer(0, 999) / 1000) / count) * 1000) / 1000,
    whom: random.chance(0.5) ? 'service' : 'all its processes',
  }));
};

/** What became of an export whose service was killed. */
export interface Survived extends KillPoint {
  readonly killedAfterMs: number;
  /** Whether its request was answered before the kill. */
  readonly answered: boolean;
  readonly status: string;
  /** From the new start until the export had ended. */
  readonly endedAfterMs: number;
}

/** A service that is killed again and again in mid-export, and started again on the same folder. */
export class KilledService {
  readonly #dataDir: string;
  readonly #exportIds: string[] = [];
  #service: StartedService | undefined;
  #household: MarkedHousehold | undefined;
  #undisturbedMs = 0;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** Starts it, and exports once or twice to see how long that takes when nothing is in the way. */
  async start(): Promise<void> {
    this.#service = await startService(this.#dataDir, SWEEP_SECONDS);
    const { clients, settings } = this.#service;
    this.#household = await seedMarkedHousehold(clients, settings, HOUSEHOLD);
    await this.#exportUndisturbed();
    await this.#exportUndisturbed();
  }

  /** Fails unless the export ends by itself after the kill, and everything is as if there had been none. */
  async survive(point: KillPoint): Promise<Survived> {
    const { userId } = this.#known();
    const key = randomUUID();
    const exportId = nameBasedUuid('export', userId, key);
    const killedAfterMs = Math.round(point.share * this.#undisturbedMs);
    const request = this.#request(key);
    await delay(killedAfterMs);
    await this.#running().kill(point.whom);
    const answered = await request;

    const startedAt = performance.now();
    this.#service = await startService(this.#dataDir, SWEEP_SECONDS);
    // Whoever got no answer asks again; whoever got one only waits.
    if (!answered && !(await this.#request(key))) throw new Error('The repeated request was not accepted.');
    const status = await this.#ended(exportId);
    const endedAfterMs = Math.round(performance.now() - startedAt);
    this.#exportIds.push(exportId);
    await this.#assertIntact(exportId, status);
    await this.#exportUndisturbed();
    return { ...point, killedAfterMs, answered, status, endedAfterMs };
  }

  async end(): Promise<void> {
    await this.#service?.close();
  }

  #running(): StartedService {
    if (this.#service === undefined) throw new Error('The service has not been started.');
    return this.#service;
  }

  #known(): MarkedHousehold {
    if (this.#household === undefined) throw new Error('There is no household yet.');
    return this.#household;
  }

  /** Whether the request for an export was accepted before the service was gone. */
  async #request(key: string): Promise<boolean> {
    const api = await this.#api();
    const answer = api.call('POST', '/export', {
      body: { includeAnalytics: true },
      headers: { 'idempotency-key': key },
    });
    return answer.then(
      ({ status }) => status === 202,
      () => false,
    );
  }

  #api(): Promise<ExportApi> {
    return this.#running().apiOf(this.#known().userId);
  }

  async #ended(exportId: string): Promise<string> {
    const { body } = await (await this.#api()).until(exportId, ['completed', 'failed'], PATIENCE_SECONDS);
    await untilAllIsEnded(this.#running());
    return String(body['status']);
  }

  async #assertIntact(exportId: string, status: string): Promise<void> {
    const service = this.#running();
    await assertNothingIsBroken(service, this.#known(), this.#exportIds);
    if (status === 'completed') await assertVerifiedPackage(service, this.#known(), exportId);
  }

  async #exportUndisturbed(): Promise<void> {
    const startedAt = performance.now();
    const exportId = await (await this.#api()).start({ includeAnalytics: true });
    const status = await this.#ended(exportId);
    this.#undisturbedMs = performance.now() - startedAt;
    if (status !== 'completed') throw new Error(`An export that nothing disturbed ended as ${status}.`);
    this.#exportIds.push(exportId);
    await this.#assertIntact(exportId, status);
  }
}
