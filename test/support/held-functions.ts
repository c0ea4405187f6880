import { LambdaFunctionError, type InvocationHook } from '../../infra/local/lambda/lambda-runner.ts';

/** Functions that a test keeps from running, or lets fail, so that it can look at what is seen meanwhile. */
export class HeldFunctions implements InvocationHook {
  readonly #held = new Map<string, PromiseWithResolvers<undefined>>();
  readonly #failing = new Map<string, string>();

  hold(functionName: string): void {
    this.#held.set(functionName, Promise.withResolvers());
  }

  fail(functionName: string, errorType: string): void {
    this.#failing.set(functionName, errorType);
  }

  /** Lets everything go on as it should. */
  release(): void {
    for (const { resolve } of this.#held.values()) resolve(undefined);
    this.#held.clear();
    this.#failing.clear();
  }

  async beforeInvoke(functionName: string): Promise<void> {
    await this.#held.get(functionName)?.promise;
    const errorType = this.#failing.get(functionName);
    if (errorType !== undefined)
      throw new LambdaFunctionError({ errorType, errorMessage: 'as the test has it' });
  }
}
