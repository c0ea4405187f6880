import { LambdaFunctionError } from './lambda-function-error.ts';
import { FunctionProcess, type LocalFunction } from './function-process.ts';

/** The warm processes of one function: as many as run at once, up to `maximumConcurrency`; further invocations queue. */
export class FunctionPool {
  readonly #definition: LocalFunction;
  readonly #maximumConcurrency: number;
  readonly #onLogLine: (line: string) => void;
  readonly #processes = new Set<FunctionProcess>();
  readonly #idle: FunctionProcess[] = [];
  readonly #waiting: PromiseWithResolvers<undefined>[] = [];
  #running = 0;
  #peakMemory = 0;
  #cpuSeconds = 0;
  #closed = false;

  constructor(definition: LocalFunction, maximumConcurrency: number, onLogLine: (line: string) => void) {
    this.#definition = definition;
    this.#maximumConcurrency = maximumConcurrency;
    this.#onLogLine = onLogLine;
  }

  /** Largest resident set any process of the function has reported, bytes. */
  get peakMemory(): number {
    return this.#peakMemory;
  }

  /** What the function's processes have taken together, as far as they have reported. */
  get cpuSeconds(): number {
    return this.#cpuSeconds;
  }

  /** Answers the result as JSON text. Throws LambdaFunctionError. */
  async invoke(requestId: string, payload: string, clockOffset = 0): Promise<string> {
    await this.#enter();
    const worker = this.#takeIdle() ?? this.#startProcess();
    const { cpuSeconds } = worker.usage;
    try {
      return await worker.invoke(requestId, payload, clockOffset);
    } finally {
      this.#peakMemory = Math.max(this.#peakMemory, worker.usage.peakMemory);
      this.#cpuSeconds += worker.usage.cpuSeconds - cpuSeconds;
      this.#giveBack(worker);
      this.#leave();
    }
  }

  /** Kills the processes that are busy now; their invocations fail with Runtime.ExitError. */
  killRunning(): void {
    for (const worker of this.#processes) if (!this.#idle.includes(worker)) worker.kill();
  }

  /** Ends all processes and refuses what waits. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#closedError());
    await Promise.all([...this.#processes].map((worker) => worker.close()));
  }

  async #enter(): Promise<void> {
    if (this.#closed) throw this.#closedError();
    if (this.#running < this.#maximumConcurrency) {
      this.#running += 1;
      return;
    }
    const turn = Promise.withResolvers<undefined>();
    this.#waiting.push(turn);
    await turn.promise;
  }

  #leave(): void {
    const next = this.#waiting.shift();
    // The place goes straight to the next in line, so that nobody can overtake it.
    if (next) next.resolve(undefined);
    else this.#running -= 1;
  }

  #takeIdle(): FunctionProcess | undefined {
    for (let worker = this.#idle.pop(); worker; worker = this.#idle.pop()) {
      if (worker.alive) return worker;
      this.#processes.delete(worker);
    }
    return undefined;
  }

  #startProcess(): FunctionProcess {
    if (this.#closed) throw this.#closedError();
    const worker = new FunctionProcess(this.#definition, this.#onLogLine);
    this.#processes.add(worker);
    return worker;
  }

  #giveBack(worker: FunctionProcess): void {
    if (worker.alive) this.#idle.push(worker);
    else this.#processes.delete(worker);
  }

  #closedError(): LambdaFunctionError {
    return new LambdaFunctionError({
      errorType: 'ServiceException',
      errorMessage: `The Lambda runner is closed; ${this.#definition.name} cannot be invoked.`,
    });
  }
}
