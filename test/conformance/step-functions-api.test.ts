import { afterEach, describe, expect, it } from '@jest/globals';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  RedriveExecutionCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { ExecutionStatusChange } from '../../infra/local/step-functions/step-functions-server.ts';
import {
  aMachine,
  aSequence,
  aSignal,
  aTask,
  cleanUp,
  executionArn,
  MACHINE_ARN,
  sfnClient,
} from '../support/local-step-functions.ts';

afterEach(cleanUp);

const PASS = aSequence({ Pass: { Type: 'Pass', End: true } });
const WAIT = aSequence({ Wait: { Type: 'Wait', Seconds: 3600, End: true } });

const start = (input: object) => new StartExecutionCommand({ stateMachineArn: MACHINE_ARN, ...input });
const refusedAs = (name: string) => expect.objectContaining({ name, $metadata: expect.anything() });

describe('StartExecution', () => {
  it('is the same execution when it is repeated with the same name and input while that one runs', async () => {
    const answer = aSignal();
    let calls = 0;
    const machine = await aMachine(aSequence({ Work: aTask('work') }), {
      work: () => {
        calls += 1;
        return answer.promise;
      },
    });
    const same = start({ name: 'export-1', input: '{"exportId":"export-1"}' });
    const first = await machine.client.send(same);
    const repeats = await Promise.all(Array.from({ length: 20 }, () => machine.client.send(same)));
    for (const { startDate, executionArn: arn } of repeats) {
      expect([startDate, arn]).toEqual([first.startDate, executionArn('export-1')]);
    }
    answer.resolve(undefined);
    await machine.settled(executionArn('export-1'));
    expect(calls).toBe(1);
  });

  it('refuses the name of a running execution with another input, and of a closed one with any', async () => {
    const machine = await aMachine(WAIT);
    await machine.client.send(start({ name: 'taken', input: '{"a":1}' }));
    const other = machine.client.send(start({ name: 'taken', input: '{"a":2}' }));
    await expect(other).rejects.toEqual(refusedAs('ExecutionAlreadyExists'));
    await machine.client.send(new StopExecutionCommand({ executionArn: executionArn('taken') }));
    const same = machine.client.send(start({ name: 'taken', input: '{"a":1}' }));
    await expect(same).rejects.toEqual(refusedAs('ExecutionAlreadyExists'));
  });

  it.each(['with space', 'a/b', 'a:b', 'a"b', 'a\u0007b', 'x'.repeat(81), ''])(
    'refuses the name %j',
    async (name) => {
      const machine = await aMachine(PASS);
      await expect(machine.client.send(start({ name }))).rejects.toEqual(refusedAs('InvalidName'));
    },
  );

  it('tells names apart that differ in case only, or are not plain letters', async () => {
    const machine = await aMachine(PASS);
    const names = ['Name', 'name', '..', 'ümläut', '家計'];
    for (const name of names) await machine.settled(await machine.start({ name }, name));
    for (const name of names) {
      const { input } = await machine.settled(executionArn(name));
      expect(input).toBe(JSON.stringify({ name }));
    }
  });

  it('makes up a name and an input of {} when there are none', async () => {
    const machine = await aMachine(PASS);
    const { executionArn: arn = '' } = await machine.client.send(start({}));
    expect(arn).toMatch(/:machine:[0-9a-f-]{36}$/);
    expect(await machine.settled(arn)).toMatchObject({ input: '{}', output: '{}' });
  });

  it('refuses input that is not JSON, or is larger than 256 KiB in bytes', async () => {
    const machine = await aMachine(PASS);
    const broken = machine.client.send(start({ input: '{' }));
    await expect(broken).rejects.toEqual(refusedAs('InvalidExecutionInput'));
    const fits = machine.client.send(start({ input: JSON.stringify('é'.repeat(131_071)) }));
    await expect(fits).resolves.toHaveProperty('executionArn');
    const tooBig = machine.client.send(start({ input: JSON.stringify(`${'é'.repeat(131_071)}x`) }));
    await expect(tooBig).rejects.toEqual(refusedAs('ValidationException'));
  });

  it('refuses a state machine that is not there, and what is no ARN', async () => {
    const machine = await aMachine(PASS);
    const absent = machine.client.send(start({ stateMachineArn: `${MACHINE_ARN}-2` }));
    await expect(absent).rejects.toEqual(refusedAs('StateMachineDoesNotExist'));
    const malformed = machine.client.send(start({ stateMachineArn: 'machine' }));
    await expect(malformed).rejects.toEqual(refusedAs('InvalidArn'));
  });
});

describe('reading', () => {
  it('describes executions and refuses those that never were', async () => {
    const machine = await aMachine(PASS);
    const { executionArn: arn = '' } = await machine.run({ a: 1 });
    const described = await machine.client.send(new DescribeExecutionCommand({ executionArn: arn }));
    expect(described).toMatchObject({
      status: 'SUCCEEDED',
      input: '{"a":1}',
      output: '{"a":1}',
      redriveCount: 0,
    });
    expect(Number(described.stopDate)).toBeGreaterThanOrEqual(Number(described.startDate));
    const absent = { executionArn: executionArn('absent') };
    const describing = machine.client.send(new DescribeExecutionCommand(absent));
    await expect(describing).rejects.toEqual(refusedAs('ExecutionDoesNotExist'));
    const reading = machine.client.send(new GetExecutionHistoryCommand(absent));
    await expect(reading).rejects.toEqual(refusedAs('ExecutionDoesNotExist'));
    const stopping = machine.client.send(new StopExecutionCommand(absent));
    await expect(stopping).rejects.toEqual(refusedAs('ExecutionDoesNotExist'));
  });

  it('lists executions newest first, page by page, also by status', async () => {
    const machine = await aMachine(WAIT);
    const names = Array.from({ length: 7 }, (_, index) => `run-${index}`);
    for (const name of names) await machine.start({}, name);
    const stopped = ['run-2', 'run-5'];
    for (const name of stopped) {
      await machine.client.send(new StopExecutionCommand({ executionArn: executionArn(name) }));
    }
    const listed: string[][] = [];
    const request = { stateMachineArn: MACHINE_ARN, maxResults: 3 };
    for await (const { executions = [] } of paginateListExecutions({ client: machine.client }, request)) {
      listed.push(executions.map(({ name }) => name ?? ''));
      if (listed.length === 1) await machine.start({}, 'came-later');
    }
    expect(listed).toEqual([['run-6', 'run-5', 'run-4'], ['run-3', 'run-2', 'run-1'], ['run-0']]);
    const aborted = new ListExecutionsCommand({ stateMachineArn: MACHINE_ARN, statusFilter: 'ABORTED' });
    const { executions } = await machine.client.send(aborted);
    expect(executions?.map(({ name }) => name)).toEqual(['run-5', 'run-2']);
    const wrong = machine.client.send(new ListExecutionsCommand({ ...request, nextToken: 'nonsense' }));
    await expect(wrong).rejects.toEqual(refusedAs('InvalidToken'));
  });

  it('gives the history page by page in both directions, with times and data', async () => {
    const machine = await aMachine(aSequence({ Work: aTask('work', { TimeoutSeconds: 7 }) }), {
      work: () => [1],
    });
    const { executionArn: arn = '' } = await machine.run({ a: 1 });
    const ids = async (reverseOrder: boolean) => {
      const pages: number[][] = [];
      const request = { executionArn: arn, reverseOrder, maxResults: 4 };
      for await (const { events = [] } of paginateGetExecutionHistory({ client: machine.client }, request)) {
        pages.push(events.map(({ id }) => Number(id)));
      }
      return pages;
    };
    expect(await ids(false)).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7],
    ]);
    expect(await ids(true)).toEqual([
      [7, 6, 5, 4],
      [3, 2, 1],
    ]);
    const [started, entered, scheduled, running, succeeded, exited, ended] = await machine.history(arn);
    expect(started?.executionStartedEventDetails?.input).toBe('{"a":1}');
    expect(entered).toMatchObject({
      previousEventId: 0,
      stateEnteredEventDetails: { name: 'Work', input: '{"a":1}' },
    });
    expect(scheduled?.lambdaFunctionScheduledEventDetails).toMatchObject({
      resource: 'arn:aws:lambda:us-east-1:000000000000:function:work',
      input: '{"a":1}',
      timeoutInSeconds: 7,
    });
    expect([running?.type, running?.previousEventId]).toEqual(['LambdaFunctionStarted', 3]);
    expect(succeeded?.lambdaFunctionSucceededEventDetails?.output).toBe('[1]');
    expect(exited?.stateExitedEventDetails).toMatchObject({ name: 'Work', output: '[1]' });
    expect(ended?.executionSucceededEventDetails?.output).toBe('[1]');
    expect(Math.abs(Date.now() - Number(ended?.timestamp))).toBeLessThan(60_000);
  });

  it('leaves inputs and outputs out of the history when asked to', async () => {
    const machine = await aMachine(PASS);
    const { executionArn: arn = '' } = await machine.run({ secret: 1 });
    const command = new GetExecutionHistoryCommand({ executionArn: arn, includeExecutionData: false });
    const { events } = await machine.client.send(command);
    expect(events).toHaveLength(4);
    expect(JSON.stringify(events)).not.toContain('secret');
    expect(events?.[1]?.stateEnteredEventDetails?.name).toBe('Pass');
  });

  it('shows the state machines, also the one that an execution ran with', async () => {
    const machine = await aMachine(PASS);
    const { executionArn: arn = '' } = await machine.run();
    const { stateMachines } = await machine.client.send(new ListStateMachinesCommand({}));
    expect(stateMachines).toMatchObject([
      { name: 'machine', stateMachineArn: MACHINE_ARN, type: 'STANDARD' },
    ]);
    const described = await machine.client.send(
      new DescribeStateMachineCommand({ stateMachineArn: MACHINE_ARN }),
    );
    expect(JSON.parse(described.definition ?? '')).toEqual(PASS);
    const ran = await machine.client.send(new DescribeStateMachineForExecutionCommand({ executionArn: arn }));
    expect([ran.stateMachineArn, JSON.parse(ran.definition ?? '')]).toEqual([MACHINE_ARN, PASS]);
  });
});

describe('refusals', () => {
  it('refuses operations and parameters it does not have, never silently', async () => {
    const machine = await aMachine(PASS);
    const { executionArn: arn = '' } = await machine.run();
    const create = new CreateStateMachineCommand({
      name: 'x',
      definition: '{}',
      roleArn: 'arn:aws:iam::1:role/x',
    });
    await expect(machine.client.send(create)).rejects.toEqual(refusedAs('UnknownOperationException'));
    const redrive = new RedriveExecutionCommand({ executionArn: arn });
    await expect(machine.client.send(redrive)).rejects.toEqual(refusedAs('UnknownOperationException'));
    const filtered = new ListExecutionsCommand({ stateMachineArn: MACHINE_ARN, redriveFilter: 'REDRIVEN' });
    await expect(machine.client.send(filtered)).rejects.toEqual(refusedAs('ValidationException'));
  });

  it('refuses a wrong secret key', async () => {
    const machine = await aMachine(PASS);
    const stranger = sfnClient(machine.server.url, 'wrong');
    const listing = stranger.send(new ListStateMachinesCommand({}));
    await expect(listing).rejects.toEqual(refusedAs('InvalidSignatureException'));
  });
});

describe('status changes', () => {
  it('are told as EventBridge shows them, and a listener that throws harms nothing', async () => {
    const told: ExecutionStatusChange[] = [];
    const machine = await aMachine(
      PASS,
      {},
      {
        onExecutionStatusChange: (event) => {
          told.push(event);
          throw new Error('the listener is broken');
        },
      },
    );
    const { executionArn: arn = '' } = await machine.run({ a: 1 });
    expect(told.map(({ detail }) => detail.status)).toEqual(['RUNNING', 'SUCCEEDED']);
    expect(told[1]).toMatchObject({
      source: 'aws.states',
      detailType: 'Step Functions Execution Status Change',
      resources: [arn],
      detail: {
        executionArn: arn,
        stateMachineArn: MACHINE_ARN,
        input: '{"a":1}',
        output: '{"a":1}',
        error: null,
      },
    });
    expect(told[1]?.detail.stopDate).toBeGreaterThanOrEqual(told[1]?.detail.startDate ?? Infinity);
  });
});
