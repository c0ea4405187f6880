import { afterEach, describe, expect, it } from '@jest/globals';
import { ListExecutionsCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  aFolder,
  aMachine,
  aSequence,
  aSignal,
  aTask,
  cleanUp,
  executionArn,
  MACHINE_ARN,
  typesOf,
} from '../support/local-step-functions.ts';

afterEach(cleanUp);

const WORK = aSequence({ Begin: aTask('begin', { Next: 'Work' }), Work: aTask('work') });

/** A server whose execution `cut` hangs in its second state when the server ends. */
const interrupted = async () => {
  const dataDir = aFolder();
  const called = aSignal();
  const answer = aSignal<string>();
  const machine = await aMachine(
    WORK,
    {
      begin: (input) => input,
      work: (input: { done?: boolean }) => {
        if (input.done) return input;
        called.resolve(undefined);
        return answer.promise;
      },
    },
    { dataDir },
  );
  await machine.settled(await machine.start({ done: true }, 'finished'));
  await machine.start({ exportId: 'cut' }, 'cut');
  await called.promise;
  const before = await machine.history(executionArn('cut'));
  const finished = await machine.settled(executionArn('finished'));
  await machine.stop();
  answer.resolve('late');
  return { dataDir, before, finished };
};

const ECHO = { begin: (input: never) => input, work: (input: never) => input };

describe('a restart of the server', () => {
  it('keeps executions that have ended, with their histories and their names', async () => {
    const { dataDir, finished } = await interrupted();
    const machine = await aMachine(WORK, ECHO, { dataDir });
    const described = await machine.settled(executionArn('finished'));
    expect({ ...described, $metadata: finished.$metadata }).toEqual(finished);
    expect(typesOf(await machine.history(executionArn('finished'))).at(-1)).toBe('ExecutionSucceeded');
    const again = new StartExecutionCommand({
      stateMachineArn: MACHINE_ARN,
      name: 'finished',
      input: '{"done":true}',
    });
    await expect(machine.client.send(again)).rejects.toHaveProperty('name', 'ExecutionAlreadyExists');
    const { executions } = await machine.client.send(
      new ListExecutionsCommand({ stateMachineArn: MACHINE_ARN }),
    );
    expect(executions?.map(({ name }) => name)).toEqual(['cut', 'finished']);
  });

  it('runs what was still running again from the first state, with the same input, in the same history', async () => {
    const { dataDir, before } = await interrupted();
    const inputs: unknown[] = [];
    const statuses: string[] = [];
    const machine = await aMachine(
      WORK,
      { ...ECHO, begin: (input) => (inputs.push(input), input) },
      { dataDir, onExecutionStatusChange: ({ detail }) => statuses.push(detail.status) },
    );
    const described = await machine.settled(executionArn('cut'));
    expect(described).toMatchObject({ status: 'SUCCEEDED', output: '{"exportId":"cut"}', redriveCount: 1 });
    expect(inputs).toEqual([{ exportId: 'cut' }]);
    expect(statuses).toEqual(['RUNNING', 'SUCCEEDED']);
    const events = await machine.history(executionArn('cut'));
    expect(events.slice(0, before.length)).toEqual(before);
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
    expect(typesOf(events).slice(before.length, before.length + 2)).toEqual([
      'ExecutionRedriven',
      'TaskStateEntered',
    ]);
    expect(typesOf(events).filter((type) => type.startsWith('Execution'))).toEqual([
      'ExecutionStarted',
      'ExecutionRedriven',
      'ExecutionSucceeded',
    ]);
  });

  it('gets over a line that was cut off when the process was killed', async () => {
    const { dataDir, before } = await interrupted();
    const executions = join(dataDir, 'executions');
    const file = readdirSync(executions, { recursive: true, encoding: 'utf8' }).find((name) =>
      name.endsWith('cut.jsonl'),
    );
    appendFileSync(join(executions, file ?? ''), '{"event":{"id":77,"previousEv');
    const machine = await aMachine(WORK, ECHO, { dataDir });
    expect((await machine.settled(executionArn('cut'))).status).toBe('SUCCEEDED');
    const ids = (await machine.history(executionArn('cut'))).map(({ id }) => Number(id));
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    expect(ids.length).toBeGreaterThan(before.length);
  });

  it('aborts what was running when its state machine is gone', async () => {
    const { dataDir } = await interrupted();
    const definition = JSON.stringify(WORK);
    const machine = await aMachine(WORK, ECHO, { dataDir, stateMachines: [{ name: 'another', definition }] });
    expect(await machine.settled(executionArn('cut'))).toMatchObject({ status: 'ABORTED' });
  });
});
