import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { expect } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { LambdaFunctionError } from '../../infra/local/lambda/lambda-runner.ts';
import { EMBEDDED_SERVICES, type EmbeddedService } from '../../infra/local/local-settings.ts';
import type { Answer } from '../support/export-api.ts';
import { executionArn } from '../support/exported-household.ts';
import { awsJsonError, s3Error, type Fault, type ProxiedRequest } from '../support/fault-proxy.ts';
import type { FaultWorld, WorldUser } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';
import type { ApiCall, FunctionFault, ServiceFault, SoakSchedule, SoakStep } from './soak-schedule.ts';

const MINUTE_MS = 60_000;
const TINY = { transactions: 4, files: 1, fileBytes: 200 };

/** What the API may answer while anything can break; 500 and 503 only as long as it does. */
const ANSWERS: Readonly<Record<ApiCall['act'], readonly number[]>> = {
  post: [202, 422, 429],
  list: [200],
  status: [200, 404],
  download: [302, 404, 409, 410],
  delete: [202, 204, 404],
};
const WHILE_BROKEN = [500, 502, 503, 504];

/** More than a fault strikes. */
const DOWNLOAD_ATTEMPTS = 20;

/** The status of a download in the end: one that is struck itself is begun again, as a person does. */
const downloaded = async (link: string, attemptsLeft = DOWNLOAD_ATTEMPTS): Promise<number> => {
  try {
    const answer = await fetch(link);
    await answer.arrayBuffer();
    if (attemptsLeft === 0 || !WHILE_BROKEN.includes(answer.status)) return answer.status;
  } catch (error) {
    if (attemptsLeft === 0 || !(error instanceof TypeError)) throw error;
  }
  return downloaded(link, attemptsLeft - 1);
};

const operationOf = (service: EmbeddedService, { method, headers }: ProxiedRequest): string | undefined =>
  service === 's3' ? method : String(headers['x-amz-target']).split('.')[1];

const faultFor = async ({ service, kind, amount }: ServiceFault): Promise<Fault> => {
  switch (kind) {
    case 'reset':
    case 'lose-answer':
      return kind;
    case 'error500':
      return service === 's3' ? s3Error('InternalError', 500) : awsJsonError('InternalServerError', 500);
    case 'error503':
      return service === 's3' ? s3Error('ServiceUnavailable', 503) : awsJsonError('ServiceUnavailable', 503);
    case 'throttle':
      return service === 's3' ? s3Error('SlowDown', 503) : awsJsonError('ThrottlingException');
    case 'cut':
      return { cutAt: amount };
    case 'delay':
      await delay(amount);
      return undefined;
  }
};

/** A world in which one schedule is carried out. */
class SoakRun {
  readonly #world: FaultWorld;
  readonly #schedule: SoakSchedule;
  readonly #users: WorldUser[] = [];
  readonly #exports = new Map<number, string[]>();
  /** The export of each key of each user. */
  readonly #keyed = new Map<string, string>();
  readonly #underWay: Promise<unknown>[] = [];
  readonly #strikes: { readonly fault: ServiceFault; seen: number }[] = [];
  readonly #refusals: { readonly fault: FunctionFault; seen: number }[] = [];

  constructor(world: FaultWorld, schedule: SoakSchedule) {
    this.#world = world;
    this.#schedule = schedule;
  }

  /** Gives how many requests and invocations were struck. */
  async carryOut(): Promise<number> {
    const { users, steps } = this.#schedule;
    for (let at = 0; at < users; at += 1) this.#users.push(await this.#world.aUser(TINY));
    this.#disturb();
    for (const step of steps) await this.#take(step);
    await Promise.all(this.#underWay);
    await expectInvariants(this.#world);
    await this.#expectNothingLost();
    const requests = this.#strikes.map(({ fault, seen }) =>
      Math.min(fault.times, Math.max(0, seen - fault.after)),
    );
    const invocations = this.#refusals.map(({ seen }) => seen);
    return [...requests, ...invocations].reduce((sum, count) => sum + count, 0);
  }

  #disturb(): void {
    for (const service of EMBEDDED_SERVICES) {
      this.#world.strike(service, (request) => this.#strikeAt(service, request));
    }
    this.#world.hook = {
      beforeInvoke: (name) => this.#refuse(name, 'before'),
      afterInvoke: (name) => this.#refuse(name, 'after'),
    };
  }

  #strikeAt(service: EmbeddedService, request: ProxiedRequest): Fault | Promise<Fault> {
    const operation = operationOf(service, request);
    for (const strike of this.#strikes) {
      const { fault } = strike;
      if (fault.service !== service || (fault.operation ?? operation) !== operation) continue;
      strike.seen += 1;
      const struck = strike.seen - fault.after;
      if (struck > 0 && struck <= fault.times) return faultFor(fault);
    }
    return undefined;
  }

  #refuse(name: string, when: FunctionFault['when']): Promise<void> {
    for (const refusal of this.#refusals) {
      const { functionName, errorType, times, when: point } = refusal.fault;
      if (functionName !== name || point !== when || refusal.seen === times) continue;
      refusal.seen += 1;
      return Promise.reject(new LambdaFunctionError({ errorType, errorMessage: 'Of the soak.' }));
    }
    return Promise.resolve();
  }

  async #take(step: SoakStep): Promise<void> {
    switch (step.act) {
      case 'strike':
        this.#strikes.push({ fault: step, seen: 0 });
        return;
      case 'refuse':
        this.#refusals.push({ fault: step, seen: 0 });
        return;
      case 'kill':
        this.#world.system.functions.killRunning(step.functionName);
        return;
      case 'stop':
        await this.#stop(this.#exportOf(step.user, step.export));
        return;
      case 'wait':
        await delay(step.ms);
        return;
      case 'pass':
        this.#world.pass(step.minutes * MINUTE_MS);
        return;
      case 'sweep':
        await this.#orLater(this.#sweep(), step.waits);
        return;
      default:
        await this.#orLater(this.#call(step), step.waits);
    }
  }

  async #orLater(work: Promise<unknown>, waits: boolean): Promise<void> {
    this.#underWay.push(work);
    // It is waited for at the end, where its error is thrown; until then nobody may miss it.
    work.catch(() => undefined);
    if (waits) await work;
  }

  /** A sweep may be struck too. */
  async #sweep(): Promise<void> {
    await this.#world.system.functions.invoke('sweep-exports', {}).catch((error: unknown) => {
      if (!(error instanceof LambdaFunctionError)) throw error;
    });
  }

  async #stop(exportId: string | undefined): Promise<void> {
    if (exportId === undefined) return;
    const command = new StopExecutionCommand({ executionArn: executionArn(exportId) });
    await this.#world.system.clients.sfn.send(command).catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'ExecutionDoesNotExist') throw error;
    });
  }

  #exportOf(user: number, fromLast: number): string | undefined {
    return (this.#exports.get(user) ?? []).at(-1 - fromLast);
  }

  async #call(call: ApiCall): Promise<void> {
    const answer = await this.#answer(call);
    if (answer === undefined) return;
    expect([call, [...ANSWERS[call.act], ...WHILE_BROKEN]]).toEqual([
      call,
      expect.arrayContaining([answer.status]),
    ]);
    if (call.act === 'post' && answer.status === 202) this.#accepted(call, answer);
    if (call.act === 'download' && answer.status === 302) {
      // Whoever follows the link at once gets the package, unless it is deleted in the same moment.
      expect([200, 403, 404]).toContain(await downloaded(String(answer.headers.get('location'))));
    }
  }

  #answer(call: ApiCall): Promise<Answer> | undefined {
    const { api } = this.#userOf(call.user);
    switch (call.act) {
      case 'post': {
        const headers = call.key === undefined ? {} : { 'idempotency-key': this.#keyOf(call.user, call.key) };
        return api.call('POST', '/export', { body: call.body, headers });
      }
      case 'list':
        return api.call('GET', '/export?limit=1');
      default: {
        const exportId = this.#exportOf(call.user, call.export);
        if (exportId === undefined) return undefined;
        const path = `/export/${exportId}${call.act === 'delete' ? '' : `/${call.act}`}`;
        return api.call(call.act === 'delete' ? 'DELETE' : 'GET', path);
      }
    }
  }

  #keyOf(user: number, key: number): string {
    return `key-${key}-of-${this.#userOf(user).userId}`;
  }

  #userOf(user: number): WorldUser {
    const found = this.#users[user];
    if (found === undefined) throw new RangeError('The schedule names a user that it does not have.');
    return found;
  }

  /** One key stands for one export, whatever happens. */
  #accepted({ user, key }: ApiCall & { readonly act: 'post' }, { body }: Answer): void {
    const exportId = String(body['exportId']);
    const own = this.#exports.get(user) ?? [];
    if (!own.includes(exportId)) this.#exports.set(user, [...own, exportId]);
    if (key === undefined) return;
    const name = this.#keyOf(user, key);
    expect([name, exportId]).toEqual([name, this.#keyed.get(name) ?? exportId]);
    this.#keyed.set(name, exportId);
  }

  /** Every export that was accepted is there. */
  async #expectNothingLost(): Promise<void> {
    const rows = new Set((await this.#world.rows()).map(({ exportId }) => exportId));
    const accepted = [...this.#exports.values()].flat();
    expect(accepted.filter((exportId) => !rows.has(exportId))).toEqual([]);
  }
}

/**
 * Carries out a schedule and fails unless everything that must hold afterwards does. Gives how many requests and
 * invocations were struck.
 */
export const runSchedule = (world: FaultWorld, schedule: SoakSchedule): Promise<number> =>
  new SoakRun(world, schedule).carryOut();
