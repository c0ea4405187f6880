import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { constants, getPriority } from 'node:os';
import {
  createLambdaRunner,
  LambdaFunctionError,
  type LambdaRunner,
  type LambdaRunnerOptions,
  type LocalFunction,
} from '../../infra/local/lambda/lambda-runner.ts';

const fixture = (file: string) => fileURLToPath(new URL(`fixtures/lambda/${file}`, import.meta.url));

const aFunction = (overrides: Partial<LocalFunction> = {}): LocalFunction => ({
  name: 'behaviour',
  handlerFile: fixture('behaviour-handler.ts'),
  memoryMegabytes: 128,
  timeoutSeconds: 30,
  environment: {},
  ...overrides,
});

const runners: LambdaRunner[] = [];

const aRunner = (options: Partial<LambdaRunnerOptions> = {}): LambdaRunner => {
  const runner = createLambdaRunner({ functions: [aFunction()], ...options });
  runners.push(runner);
  return runner;
};

const shared = createLambdaRunner({ functions: [aFunction({ environment: { EXPORT_JOBS_TABLE: 'jobs' } })] });

afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.close()));
});
afterAll(() => shared.close());

const failureOf = async (invocation: Promise<unknown>): Promise<LambdaFunctionError> => {
  const outcome = await invocation.then(
    (result) => new Error(`It answered ${JSON.stringify(result)}`),
    (error: unknown) => error,
  );
  if (outcome instanceof LambdaFunctionError) return outcome;
  throw outcome;
};

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const waitFor = async (condition: () => boolean): Promise<void> => {
  for (let round = 0; round < 2_000; round += 1) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`This never became true: ${condition.toString()}`);
};

const pidOf = (answer: unknown): number => (answer as { pid: number }).pid;

describe('events and results', () => {
  it('carries JSON both ways and nothing that JSON cannot carry', async () => {
    const event = { behaviour: 'echo', text: 'äöü 😀', nested: [1, null, { deep: true }], gone: undefined };
    expect(await shared.invoke('behaviour', event)).toStrictEqual({
      behaviour: 'echo',
      text: 'äöü 😀',
      nested: [1, null, { deep: true }],
    });
    expect(await shared.invoke('behaviour', { behaviour: 'date' })).toStrictEqual({
      at: '1970-01-01T00:00:00.000Z',
      list: [null],
    });
  });

  it('answers null for a result that has no JSON, and an error for one that cannot be made JSON', async () => {
    expect(await shared.invoke('behaviour', { behaviour: 'nothing' })).toBeNull();
    expect(await shared.invoke('behaviour', { behaviour: 'function' })).toBeNull();
    expect(await failureOf(shared.invoke('behaviour', { behaviour: 'bigint' }))).toMatchObject({
      errorType: 'Error',
      errorMessage: 'Unable to stringify response body',
    });
  });

  it('ignores what a handler returns without a promise', async () => {
    const runner = aRunner({ functions: [aFunction({ handlerFile: fixture('synchronous-handler.ts') })] });
    expect(await runner.invoke('behaviour', {})).toBeNull();
  });

  it('refuses an event and a result above the payload limit', async () => {
    const runner = aRunner({ payloadLimitBytes: 1_000 });
    expect(await failureOf(runner.invoke('behaviour', { text: 'é'.repeat(500) }))).toMatchObject({
      errorType: 'RequestTooLargeException',
    });
    expect(await failureOf(runner.invoke('behaviour', { behaviour: 'large', bytes: 999 }))).toMatchObject({
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (1000 bytes).',
    });
    expect(await runner.invoke('behaviour', { behaviour: 'large', bytes: 998 })).toHaveLength(998);
  });

  it('refuses a function that it does not know', async () => {
    expect(await failureOf(shared.invoke('absent', {}))).toMatchObject({
      errorType: 'ResourceNotFoundException',
      errorMessage: 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:absent',
    });
  });
});

describe('what a function sees', () => {
  it('sees its own variables and those of Lambda, and nothing of the environment of the runner', async () => {
    process.env.RUNNER_SECRET = 'must not be seen';
    const runner = aRunner({ functions: [aFunction({ environment: { EXPORT_JOBS_TABLE: 'jobs' } })] });
    const seen = (await runner.invoke('behaviour', { behaviour: 'environment' })) as Record<string, string>;
    delete process.env.RUNNER_SECRET;
    const { HOME, TMPDIR, ...own } = seen;
    expect([typeof HOME, typeof TMPDIR]).toEqual(['string', 'string']);
    expect(own).toEqual({
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_FUNCTION_NAME: 'behaviour',
      AWS_REGION: 'us-east-1',
      EXPORT_JOBS_TABLE: 'jobs',
      TZ: 'UTC',
    });
  });

  it('goes after other functions for a CPU when it works in the background, and only then', async () => {
    const functions = [aFunction(), aFunction({ name: 'background', background: true })];
    const runner = aRunner({ functions });
    const priorityOf = (name: string) => runner.invoke(name, { behaviour: 'priority' });
    expect(await priorityOf('behaviour')).toBe(getPriority());
    expect(await priorityOf('background')).toBeGreaterThanOrEqual(constants.priority.PRIORITY_BELOW_NORMAL);
  });

  it('has a Lambda context with a request id of its own', async () => {
    const first = await shared.invoke('behaviour', { behaviour: 'context' });
    const second = await shared.invoke('behaviour', { behaviour: 'context' });
    expect(first).toEqual({
      callbackWaitsForEmptyEventLoop: true,
      functionName: 'behaviour',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:behaviour',
      memoryLimitInMB: '128',
      awsRequestId: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      logGroupName: '/aws/lambda/behaviour',
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      remaining: expect.any(Number),
    });
    expect((second as { awsRequestId: string }).awsRequestId).not.toBe(
      (first as { awsRequestId: string }).awsRequestId,
    );
  });

  it('sees its remaining time run down from its timeout', async () => {
    const { remaining } = (await shared.invoke('behaviour', { behaviour: 'context' })) as {
      remaining: number;
    };
    expect(remaining).toBeLessThanOrEqual(30_000);
    expect(remaining).toBeGreaterThan(0);
    expect(await shared.invoke('behaviour', { behaviour: 'countDown' })).toBeGreaterThanOrEqual(50);
  });

  it('keeps its module state from one invocation to the next in one warm process', async () => {
    const runner = aRunner();
    const first = await runner.invoke('behaviour', { behaviour: 'count' });
    const second = await runner.invoke('behaviour', { behaviour: 'count' });
    expect([first, second]).toMatchObject([{ invocations: 1 }, { invocations: 2 }]);
    expect(pidOf(second)).toBe(pidOf(first));
    expect(pidOf(first)).not.toBe(process.pid);
  });
});

describe('failures', () => {
  it('reports a thrown error by its name, message and trace, and lives on', async () => {
    const runner = aRunner();
    const before = await runner.invoke('behaviour', { behaviour: 'count' });
    const failure = await failureOf(runner.invoke('behaviour', { behaviour: 'throw' }));
    expect(failure).toMatchObject({
      name: 'LambdaFunctionError',
      errorType: 'SourceUnavailable',
      errorMessage: 'the table is throttled',
    });
    expect(failure.trace[0]).toBe('SourceUnavailable: the table is throttled');
    expect(failure.trace[1]).toContain('behaviour-handler.ts');
    const after = await runner.invoke('behaviour', { behaviour: 'count' });
    expect(pidOf(after)).toBe(pidOf(before));
  });

  it('reports a thrown text as Lambda does', async () => {
    expect(await failureOf(shared.invoke('behaviour', { behaviour: 'throwText' }))).toMatchObject({
      errorType: 'string',
      errorMessage: 'only text',
      trace: [],
    });
  });

  it.each(['hang', 'spin'])('kills a function that does not answer in time: %s', async (behaviour) => {
    const runner = aRunner({ functions: [aFunction({ timeoutSeconds: 1 })] });
    const before = await runner.invoke('behaviour', { behaviour: 'count' });
    const failure = await failureOf(runner.invoke('behaviour', { behaviour }));
    expect(failure.errorType).toBe('Sandbox.Timedout');
    expect(failure.errorMessage).toMatch(
      /^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/,
    );
    expect(isRunning(pidOf(before))).toBe(false);
    expect(await runner.invoke('behaviour', { behaviour: 'count' })).toMatchObject({ invocations: 1 });
  });

  it.each([
    [{ behaviour: 'exit', status: 0 }, 'Runtime exited without providing a reason'],
    [{ behaviour: 'exit', status: 7 }, 'Runtime exited with error: exit status 7'],
    [{ behaviour: 'fillHeap' }, 'Runtime exited with error: signal: aborted (core dumped)'],
  ])('reports a process that ended as Runtime.ExitError and replaces it: %j', async (event, reason) => {
    const runner = aRunner({ functions: [aFunction({ memoryMegabytes: 64 })] });
    const failure = await failureOf(runner.invoke('behaviour', event));
    expect(failure.errorType).toBe('Runtime.ExitError');
    expect(failure.errorMessage).toMatch(/^RequestId: [0-9a-f-]{36} Error: /);
    expect(failure.errorMessage).toContain(reason);
    expect(await runner.invoke('behaviour', { behaviour: 'count' })).toMatchObject({ invocations: 1 });
  });

  it.each([
    ['crashLater', 'TypeError', 'thrown from a timer'],
    ['rejectUnseen', 'Runtime.UnhandledPromiseRejection', 'Error: nobody awaited this'],
  ])('reports what was thrown past the handler and replaces the process: %s', async (...expected) => {
    const [behaviour, errorType, errorMessage] = expected;
    const runner = aRunner();
    expect(await failureOf(runner.invoke('behaviour', { behaviour }))).toMatchObject({
      errorType,
      errorMessage,
    });
    expect(await runner.invoke('behaviour', { behaviour: 'count' })).toMatchObject({ invocations: 1 });
  });

  it.each([
    ['missing-import-handler.ts', 'Runtime.ImportModuleError', 'does-not-exist.ts'],
    ['handlerless-module.ts', 'Runtime.HandlerNotFound', 'not exported'],
    ['failing-initialization.ts', 'RangeError', 'EXPORT_JOBS_TABLE is not set'],
  ])('reports a module that cannot be loaded: %s', async (file, errorType, text) => {
    const runner = aRunner({ functions: [aFunction({ handlerFile: fixture(file) })] });
    const failure = await failureOf(runner.invoke('behaviour', {}));
    expect(failure.errorType).toBe(errorType);
    expect(failure.errorMessage).toContain(text);
  });

  it('replaces an idle process that died without telling the caller', async () => {
    const runner = aRunner();
    const pid = pidOf(await runner.invoke('behaviour', { behaviour: 'count' }));
    process.kill(pid, 'SIGKILL');
    await waitFor(() => !isRunning(pid));
    expect(await runner.invoke('behaviour', { behaviour: 'count' })).toMatchObject({ invocations: 1 });
  });
});

describe('concurrency', () => {
  it('gives each concurrent invocation a process of its own, and queues above the maximum', async () => {
    const runner = aRunner({ maximumConcurrency: 2 });
    const invocations = Array.from({ length: 6 }, () =>
      runner.invoke('behaviour', { behaviour: 'wait', milliseconds: 150 }),
    );
    expect(runner.runningInvocations()).toHaveLength(6);
    const pids = (await Promise.all(invocations)).map(pidOf);
    expect(new Set(pids).size).toBe(2);
    expect(runner.runningInvocations()).toHaveLength(0);
  });

  it('passes the place of a failed invocation on to the next in line', async () => {
    const runner = aRunner({ maximumConcurrency: 1 });
    const results = await Promise.allSettled([
      runner.invoke('behaviour', { behaviour: 'exit', status: 1 }),
      runner.invoke('behaviour', { behaviour: 'throw' }),
      runner.invoke('behaviour', { behaviour: 'count' }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });

  it('kills what is busy with one function and leaves the others alone', async () => {
    const lines: string[] = [];
    const functions = [aFunction(), aFunction({ name: 'other' })];
    const runner = aRunner({ functions, onLogLine: (name, line) => lines.push(`${name} ${line}`) });
    const idle = pidOf(await runner.invoke('behaviour', { behaviour: 'count' }));
    const other = runner.invoke('other', { behaviour: 'wait', milliseconds: 400 });
    runner.killRunning('behaviour');
    expect(pidOf(await runner.invoke('behaviour', { behaviour: 'count' }))).toBe(idle);
    const busy = failureOf(runner.invoke('behaviour', { behaviour: 'hang' }));
    await waitFor(() => lines.includes('behaviour hanging'));
    runner.killRunning('behaviour');
    expect(await busy).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect((await busy).errorMessage).toContain('signal: killed');
    expect(await other).toMatchObject({ pid: expect.any(Number) });
  });
});

describe('hooks, logs and memory', () => {
  it('lets a hook fail an invocation before its effect and after it', async () => {
    const refusal = new LambdaFunctionError({
      errorType: 'Lambda.TooManyRequestsException',
      errorMessage: 'slow',
    });
    const lost = new LambdaFunctionError({
      errorType: 'Lambda.Unknown',
      errorMessage: 'the answer was lost',
    });
    const seen: unknown[] = [];
    let refuse = true;
    const runner = aRunner({
      invocationHook: {
        beforeInvoke: () => (refuse ? Promise.reject(refusal) : Promise.resolve()),
        afterInvoke: (...invocation) => {
          seen.push(invocation);
          return seen.length === 1 ? Promise.reject(lost) : Promise.resolve();
        },
      },
    });
    const count = { behaviour: 'count' };
    expect(await failureOf(runner.invoke('behaviour', count))).toBe(refusal);
    refuse = false;
    expect(await failureOf(runner.invoke('behaviour', count))).toBe(lost);
    expect(await runner.invoke('behaviour', count)).toMatchObject({ invocations: 2 });
    expect(seen).toMatchObject([
      ['behaviour', count, { invocations: 1 }],
      ['behaviour', count, { invocations: 2 }],
    ]);
  });

  it('hands over every line of stdout and stderr, the unfinished last one at the end', async () => {
    const lines: string[] = [];
    const runner = aRunner({ onLogLine: (name, line) => lines.push(`${name}: ${line}`) });
    await runner.invoke('behaviour', { behaviour: 'log' });
    await failureOf(runner.invoke('behaviour', { behaviour: 'throw' }));
    await runner.close();
    expect(lines).toEqual(
      expect.arrayContaining([
        'behaviour: first line',
        'behaviour: second line with ünïcode',
        'behaviour: to stderr',
        'behaviour: unfinished',
        expect.stringMatching(/^behaviour: ERROR Invoke Error \{"errorType":"SourceUnavailable"/),
      ]),
    );
    expect(lines).toHaveLength(5);
  });

  it('loses no line of a process that ends itself', async () => {
    const lines: string[] = [];
    const runner = aRunner({ onLogLine: (_, line) => lines.push(line) });
    await failureOf(runner.invoke('behaviour', { behaviour: 'logAndExit' }));
    await waitFor(() => lines.length === 2);
    expect(lines).toEqual(['x'.repeat(200_000), 'last words']);
  });

  it('tells the peak memory of each function', async () => {
    const runner = aRunner({ functions: [aFunction(), aFunction({ name: 'never-called' })] });
    await runner.invoke('behaviour', { behaviour: 'count' });
    const peak = runner.peakMemoryBytes();
    expect(peak.get('behaviour')).toBeGreaterThan(20 * 1024 * 1024);
    expect(peak.get('never-called')).toBe(0);
  });

  it('counts no memory of the runner as memory of a function', async () => {
    const held = Buffer.alloc(300 * 1024 * 1024, 1);
    const runner = aRunner();
    await runner.invoke('behaviour', { behaviour: 'count' });
    expect(runner.peakMemoryBytes().get('behaviour')).toBeLessThan(held.length);
  });

  it('tells the CPU time of each function, all of its processes together', async () => {
    const runner = aRunner({ functions: [aFunction(), aFunction({ name: 'never-called' })] });
    await runner.invoke('behaviour', { behaviour: 'count' });
    const before = runner.cpuSeconds().get('behaviour') ?? 0;
    await runner.invoke('behaviour', { behaviour: 'wait', milliseconds: 60 });
    expect(before).toBeGreaterThan(0);
    expect(runner.cpuSeconds().get('behaviour')).toBeGreaterThan(before);
    expect(runner.cpuSeconds().get('never-called')).toBe(0);
  });
});

describe('the end', () => {
  it('ends all processes, fails what runs and what waits, and refuses new invocations', async () => {
    const lines: string[] = [];
    const runner = aRunner({ maximumConcurrency: 1, onLogLine: (_, line) => lines.push(line) });
    const pid = pidOf(await runner.invoke('behaviour', { behaviour: 'count' }));
    const running = failureOf(runner.invoke('behaviour', { behaviour: 'spin' }));
    const waiting = failureOf(runner.invoke('behaviour', { behaviour: 'count' }));
    await waitFor(() => lines.includes('spinning'));
    await runner.close();
    expect(isRunning(pid)).toBe(false);
    expect(await running).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(await waiting).toMatchObject({ errorType: 'ServiceException' });
    expect(await failureOf(runner.invoke('behaviour', {}))).toMatchObject({ errorType: 'ServiceException' });
  });

  it('ends a function together with a runner that was killed', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const owner = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', fixture('orphan-maker.ts'), String(port)],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const [heldByFunction] = (await once(server, 'connection')) as [Socket];
    heldByFunction.on('error', () => undefined);
    owner.kill('SIGKILL');
    await once(heldByFunction.resume(), 'close');
    server.close();
  });
});
