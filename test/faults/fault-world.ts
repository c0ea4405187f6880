import { GetExecutionHistoryCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { LOCAL_WORKFLOW_ARN } from '../../infra/local/export-workflow.ts';
import { functionLogFile } from '../../infra/local/function-log.ts';
import type { EmbeddedService } from '../../infra/local/local-settings.ts';
import type { InvocationHook } from '../../infra/local/lambda/lambda-runner.ts';
import type { LocalSystemOptions } from '../../infra/local/local-system.ts';
import type { ExportStatus } from '../../shared/domain/export-status.ts';
import { ExportApi } from '../support/export-api.ts';
import { executionArn } from '../support/exported-household.ts';
import type { Fault, ProxiedRequest } from '../support/fault-proxy.ts';
import { startSystemBehindProxies, type SystemBehindProxies } from '../support/system-behind-proxies.ts';
import { seedMarkedHousehold, type HouseholdSize, type MarkedHousehold } from './marked-household.ts';

const MINUTE_MS = 60_000;
/** Long enough for every row to be looked at, and looked at once more; short of a package's day. */
const SWEEPS_AFTER_MINUTES = [3, 16, 16, 30, 60];
/** Beyond the longest run: whatever a lost execution has left is ended by then. */
const LONGEST_BOUND_MINUTES = 22 * 60;

/** A row of the jobs table that is an export, or what is left of one. */
export interface ExportRow {
  readonly exportId: string;
  readonly status: ExportStatus;
  readonly [attribute: string]: unknown;
}

export interface DeliveredEvent {
  readonly 'detail-type': string;
  readonly detail: Readonly<Record<string, unknown>> & {
    readonly eventId?: string;
    readonly data?: { readonly exportId: string } & Readonly<Record<string, unknown>>;
  };
}

export interface WorldUser extends MarkedHousehold {
  readonly api: ExportApi;
  readonly token: string;
}

type FaultOf = (request: ProxiedRequest) => Fault | Promise<Fault>;

const noFault: FaultOf = () => undefined;

/** What PutEvents was asked to publish. */
const eventsIn = ({ headers, body }: ProxiedRequest): { type: string; exportId: string }[] => {
  if (headers['x-amz-target'] !== 'AWSEvents.PutEvents') return [];
  const { Entries } = JSON.parse(body.toString('utf8')) as {
    Entries: { DetailType: string; Detail: string }[];
  };
  return Entries.map(({ DetailType, Detail }) => ({
    type: DetailType,
    exportId: (JSON.parse(Detail) as { data: { exportId: string } }).data.exportId,
  }));
};

/** The answer of DescribeExecution with its start as the functions' clock would have told it. */
const startedLater = (body: Buffer, ms: number): Buffer => {
  const described = JSON.parse(body.toString('utf8')) as { startDate?: number };
  if (described.startDate === undefined) return body;
  return Buffer.from(JSON.stringify({ ...described, startDate: described.startDate + ms / 1000 }));
};

/**
 * A running system that is struck by faults: between functions and servers, at invocations, in time. It watches what every
 * export goes through, so that in the end the invariants can be asked for.
 */
export class FaultWorld {
  readonly users: WorldUser[] = [];
  /** The statuses that each export was seen to have, in order. */
  readonly statuses = new Map<string, ExportStatus[]>();
  /** The status of its export when an event was published. */
  readonly published: {
    readonly type: string;
    readonly exportId: string;
    readonly status: string | undefined;
  }[] = [];
  /** What strikes invocations. */
  hook: InvocationHook = {};
  readonly #faults = new Map<EmbeddedService, FaultOf>();
  #ahead = 0;
  /** How far ahead the functions' clock was when an execution was started, by its name. */
  readonly #startedAhead = new Map<string, number>();
  #behind: SystemBehindProxies | undefined;
  #observed: Promise<void> = Promise.resolve();

  static async start(options: Partial<LocalSystemOptions> = {}): Promise<FaultWorld> {
    const world = new FaultWorld();
    await world.#start(options);
    return world;
  }

  get system() {
    if (this.#behind === undefined) throw new Error('The world has not been started.');
    return this.#behind.system;
  }

  /** Epoch ms on the functions' clock. */
  get now(): number {
    return Date.now() + this.#ahead;
  }

  async end(): Promise<void> {
    await this.#behind?.end();
  }

  async aUser(size: HouseholdSize = {}): Promise<WorldUser> {
    const household = await seedMarkedHousehold(this.system.clients, this.system.settings, size);
    const token = await this.system.issueToken(household.userId);
    const user = { ...household, token, api: new ExportApi(this.system.apiUrl, token) };
    this.users.push(user);
    return user;
  }

  /** From now on the functions' requests to this service meet with these faults. */
  strike(service: EmbeddedService, faultOf: FaultOf): void {
    this.#faults.set(service, faultOf);
  }

  /** No fault any more. */
  calm(): void {
    this.#faults.clear();
    this.hook = {};
  }

  pass(ms: number): void {
    this.#ahead += ms;
  }

  async sweep(): Promise<void> {
    await this.system.functions.invoke('sweep-exports', {});
    await this.quiet();
  }

  /** Waits until no function and no execution runs. */
  async quiet(seconds = 120): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const { executions = [] } = await this.system.clients.sfn.send(
        new ListExecutionsCommand({ stateMachineArn: LOCAL_WORKFLOW_ARN, statusFilter: 'RUNNING' }),
      );
      if (executions.length === 0 && this.system.functions.runningInvocations().length === 0) return;
      if (Date.now() > deadline) throw new Error(`Something still runs after ${seconds} s.`);
      await delay(20);
    }
  }

  /** Ends all faults and lets time pass, with its sweeps, until every export has come to rest. */
  async rest(): Promise<void> {
    await this.quiet();
    this.calm();
    for (const minutes of SWEEPS_AFTER_MINUTES) {
      this.pass(minutes * MINUTE_MS);
      await this.sweep();
    }
    if ((await this.rows()).some(({ status }) => status === 'initiated' || status === 'processing')) {
      this.pass(LONGEST_BOUND_MINUTES * MINUTE_MS);
      for (const minutes of [0, ...SWEEPS_AFTER_MINUTES]) {
        this.pass(minutes * MINUTE_MS);
        await this.sweep();
      }
    }
    await this.#observe();
  }

  async rows(): Promise<ExportRow[]> {
    const client = DynamoDBDocumentClient.from(this.system.clients.dynamodb);
    const rows: ExportRow[] = [];
    const asked = { TableName: this.system.settings.tables.EXPORT_JOBS_TABLE };
    for await (const { Items = [] } of paginateScan({ client }, asked)) rows.push(...(Items as ExportRow[]));
    return rows.filter((row) => 'status' in row);
  }

  async row(exportId: string): Promise<ExportRow | undefined> {
    return (await this.rows()).find((row) => row.exportId === exportId);
  }

  async events(exportId?: string): Promise<DeliveredEvent[]> {
    const answer = await fetch(`${this.system.endpoints.eventbridge}/_local/events`);
    const { events } = (await answer.json()) as { events: DeliveredEvent[] };
    return exportId === undefined
      ? events
      : events.filter(({ detail }) => detail.data?.exportId === exportId);
  }

  /** The names of all executions there ever were. */
  async executions(): Promise<string[]> {
    const names: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.system.clients.sfn.send(
        new ListExecutionsCommand({
          stateMachineArn: LOCAL_WORKFLOW_ARN,
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      );
      names.push(...(page.executions ?? []).map(({ name }) => name ?? ''));
      ({ nextToken } = page);
    } while (nextToken !== undefined);
    return names;
  }

  async history(exportId: string): Promise<string> {
    const command = new GetExecutionHistoryCommand({
      executionArn: executionArn(exportId),
      maxResults: 1000,
    });
    return JSON.stringify((await this.system.clients.sfn.send(command)).events);
  }

  logText(): string {
    return readFileSync(functionLogFile(this.system.settings.dataDir), 'utf8');
  }

  async #start(options: Partial<LocalSystemOptions>): Promise<void> {
    this.#behind = await startSystemBehindProxies({
      ...options,
      clockOffset: () => this.#ahead,
      invocationHook: {
        beforeInvoke: async (name, payload) => {
          await this.#observe();
          await this.hook.beforeInvoke?.(name, payload);
        },
        afterInvoke: async (name, payload, result) => {
          await this.#observe();
          await this.hook.afterInvoke?.(name, payload, result);
        },
      },
    });
    for (const [service, proxy] of Object.entries(this.#behind.proxies)) {
      proxy.faultOf = async (request) => {
        if (service === 'eventbridge') await this.#notePublished(request);
        const fault = await (this.#faults.get(service as EmbeddedService) ?? noFault)(request);
        return fault ?? (service === 'stepfunctions' ? this.#onFunctionsClock(request) : undefined);
      };
    }
  }

  /** The server's clock is the real one: without this every export would look as old as the world is ahead. */
  #onFunctionsClock({ headers, body }: ProxiedRequest): Fault {
    const asked = JSON.parse(body.toString('utf8')) as { name?: string; executionArn?: string };
    const target = headers['x-amz-target'];
    if (target === 'AWSStepFunctions.StartExecution') {
      if (!this.#startedAhead.has(asked.name ?? '')) this.#startedAhead.set(asked.name ?? '', this.#ahead);
      return undefined;
    }
    const ahead = this.#startedAhead.get(asked.executionArn?.split(':').at(-1) ?? '');
    if (target !== 'AWSStepFunctions.DescribeExecution' || ahead === undefined) return undefined;
    return { alter: (answer) => ({ ...answer, body: startedLater(answer.body, ahead) }) };
  }

  async #notePublished(request: ProxiedRequest): Promise<void> {
    for (const { type, exportId } of eventsIn(request)) {
      this.published.push({ type, exportId, status: (await this.row(exportId))?.status });
    }
  }

  /** One look after the other: of two at once the earlier could come in last, and time would seem to run backwards. */
  #observe(): Promise<void> {
    this.#observed = this.#observed.then(() => this.#noteStatuses());
    return this.#observed;
  }

  async #noteStatuses(): Promise<void> {
    for (const { exportId, status } of await this.rows()) {
      const seen = this.statuses.get(exportId) ?? [];
      if (seen.at(-1) !== status) this.statuses.set(exportId, [...seen, status]);
    }
  }
}
