import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants, getPriority, setPriority, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { LOCAL_REGION, localFunctionArn } from '../local-identity.ts';
import {
  LambdaFunctionError,
  runtimeExit,
  sandboxTimeout,
  type ProcessEnd,
} from './lambda-function-error.ts';
import { splitLines } from './line-splitter.ts';
import type { InvocationRequest, ProcessMessage, ProcessUsage } from './process-messages.ts';

/** A function as the runner knows it: what CDK would configure on AWS. */
export interface LocalFunction {
  readonly name: string;
  /** Absolute path of the module that exports `handler`. */
  readonly handlerFile: string;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  /** The function's own variables. It sees these and Lambda's own, nothing of the runner's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Nobody waits for its answer: where processes contend for the CPUs, those of other functions go first. */
  readonly background?: boolean;
}

type Answer = Exclude<ProcessMessage, { kind: 'ready' }>;
type Outcome = ProcessMessage | { readonly kind: 'ended'; readonly end: ProcessEnd };

const BOOTSTRAP = fileURLToPath(new URL('function-bootstrap.ts', import.meta.url));
const HEAP_SHARE_OF_MEMORY = 0.9;
/** Lambda gives initialization ten seconds of its own before the function's timeout starts to run. */
const INITIALIZATION_SECONDS = 10;
const TERMINATION_GRACE_MS = 1_000;

const processUsage = z.object({ peakMemory: z.number(), cpuSeconds: z.number() });

const processMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('succeeded'), result: z.string(), usage: processUsage }),
  z.object({
    kind: z.literal('failed'),
    failure: z.object({ errorType: z.string(), errorMessage: z.string(), trace: z.array(z.string()) }),
    usage: processUsage,
    exiting: z.boolean(),
  }),
]);

const environmentOf = ({ name, memoryMegabytes, environment }: LocalFunction): NodeJS.ProcessEnv => ({
  TZ: 'UTC',
  // A home of its own, so that the SDK cannot find the developer's profile.
  HOME: tmpdir(),
  TMPDIR: tmpdir(),
  AWS_REGION: LOCAL_REGION,
  ...environment,
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
});

const start = (definition: LocalFunction): ChildProcess => {
  const child = fork(BOOTSTRAP, [definition.handlerFile], {
    env: environmentOf(definition),
    execArgv: [
      `--max-old-space-size=${Math.floor(definition.memoryMegabytes * HEAP_SHARE_OF_MEMORY)}`,
      '--disable-warning=ExperimentalWarning',
    ],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  // Without an id it could not be started, which its own event will tell.
  if (definition.background === true && child.pid !== undefined) {
    // Going before the runner itself is not for everybody to ask.
    setPriority(child.pid, Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL));
  }
  return child;
};

const newLogStreamName = (): string =>
  `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomUUID().replaceAll('-', '')}`;

const firstOf = (child: ChildProcess, event: 'exit' | 'close' | 'disconnect'): Promise<void> =>
  new Promise((resolve) => {
    child.once(event, () => resolve());
    // A process that could not be started has no other event.
    child.once('error', () => resolve());
  });

/** One warm process of one function. It answers one invocation at a time. */
export class FunctionProcess {
  readonly #definition: LocalFunction;
  readonly #child: ChildProcess;
  readonly #ended: Promise<ProcessEnd>;
  readonly #closed: Promise<void>;
  readonly #logStreamName = newLogStreamName();
  #deliver: ((outcome: Outcome) => void) | undefined;
  #warm = false;
  #timedOut = false;
  #usage: ProcessUsage = { peakMemory: 0, cpuSeconds: 0 };

  constructor(definition: LocalFunction, onLogLine: (line: string) => void) {
    this.#definition = definition;
    this.#child = start(definition);
    this.#child.on('message', (message) => this.#receive(message));
    for (const stream of [this.#child.stdout, this.#child.stderr]) if (stream) splitLines(stream, onLogLine);
    this.#closed = firstOf(this.#child, 'close');
    this.#ended = this.#watchEnd();
  }

  /** False once the process has ended or its channel is gone. */
  get alive(): boolean {
    return this.#child.connected && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What the process has reported of itself. */
  get usage(): ProcessUsage {
    return this.#usage;
  }

  /** Answers the result as JSON text. Throws LambdaFunctionError as Lambda would report the failure. */
  async invoke(requestId: string, payload: string, clockOffset = 0): Promise<string> {
    await this.#initialize(requestId);
    const { name, timeoutSeconds } = this.#definition;
    const message = await this.#messageWithin(requestId, timeoutSeconds, {
      requestId,
      payload,
      invokedFunctionArn: localFunctionArn(name),
      logStreamName: this.#logStreamName,
      deadline: Date.now() + timeoutSeconds * 1_000,
      clockOffset,
    });
    if (message.kind === 'ready') throw new Error('The function answered before it was asked.');
    return this.#resultOf(message);
  }

  /** Ends the process at once, as Lambda ends a sandbox. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ends the process politely, then firmly; done when its last log line has been handed over. */
  async close(): Promise<void> {
    const killer = setTimeout(() => this.kill(), TERMINATION_GRACE_MS);
    this.#child.kill('SIGTERM');
    await this.#closed;
    clearTimeout(killer);
  }

  #receive(message: unknown): void {
    // A function may use its channel for messages of its own; Lambda would not listen to them either.
    const parsed = processMessage.safeParse(message);
    if (parsed.success) this.#deliver?.(parsed.data);
  }

  async #initialize(requestId: string): Promise<void> {
    if (this.#warm) return;
    const seconds = INITIALIZATION_SECONDS + this.#definition.timeoutSeconds;
    const message = await this.#messageWithin(requestId, seconds);
    if (message.kind !== 'ready') await this.#resultOf(message);
    this.#warm = true;
  }

  async #resultOf(answer: Answer): Promise<string> {
    this.#usage = answer.usage;
    if (answer.kind === 'succeeded') return answer.result;
    if (answer.exiting) await this.#ended;
    throw new LambdaFunctionError(answer.failure);
  }

  async #messageWithin(
    requestId: string,
    seconds: number,
    request?: InvocationRequest,
  ): Promise<ProcessMessage> {
    const timer = setTimeout(() => {
      this.#timedOut = true;
      this.kill();
    }, seconds * 1_000);
    const outcome = await this.#nextOutcome(request);
    clearTimeout(timer);
    if (outcome.kind !== 'ended') return outcome;
    throw this.#timedOut
      ? sandboxTimeout(requestId, this.#definition.timeoutSeconds)
      : runtimeExit(requestId, outcome.end);
  }

  #nextOutcome(request: InvocationRequest | undefined): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#deliver = resolve;
      // Sending to a process that is ending fails; then its end is the outcome.
      if (request) this.#child.send(request, () => undefined);
      if (!this.alive) void this.#ended.then((end) => resolve({ kind: 'ended', end }));
    });
  }

  async #watchEnd(): Promise<ProcessEnd> {
    await firstOf(this.#child, 'exit');
    // What the process said last can still be in the channel.
    if (this.#child.connected) await firstOf(this.#child, 'disconnect');
    const end = { code: this.#child.exitCode, signal: this.#child.signalCode };
    this.#deliver?.({ kind: 'ended', end });
    return end;
  }
}
