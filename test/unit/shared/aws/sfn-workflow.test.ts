import { DescribeExecutionCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SfnWorkflow } from '../../../../shared/aws/sfn-workflow.ts';
import { awsJsonError, FaultProxy } from '../../../support/fault-proxy.ts';
import {
  aMachine,
  aSequence,
  aTask,
  cleanUp,
  executionArn,
  MACHINE_ARN,
  sfnClient,
} from '../../../support/local-step-functions.ts';

let machine: Awaited<ReturnType<typeof aMachine>>;
let proxy: FaultProxy;
let workflow: SfnWorkflow;
/** What lets the running executions end. */
let release: () => void;
let inputs: unknown[];

beforeAll(async () => {
  const gate = Promise.withResolvers<undefined>();
  release = () => gate.resolve(undefined);
  inputs = [];
  machine = await aMachine(aSequence({ Work: aTask('work') }), {
    work: async (input: never) => {
      inputs.push(input);
      await gate.promise;
      return {};
    },
  });
  proxy = await FaultProxy.start(machine.server.url);
  workflow = new SfnWorkflow(machine.client, MACHINE_ARN);
});
afterEach(() => proxy.reset());
afterAll(async () => {
  release();
  await proxy.close();
  await cleanUp();
});

const statusOf = async (exportId: string) => {
  const described = await machine.client.send(
    new DescribeExecutionCommand({ executionArn: executionArn(exportId) }),
  );
  return described.status;
};

describe('the workflow of an export', () => {
  it('is one execution named after it whose input is nothing but its id', async () => {
    const exportId = randomUUID();
    await workflow.start(exportId);
    const { input, status } = await machine.client.send(
      new DescribeExecutionCommand({ executionArn: executionArn(exportId) }),
    );
    expect([JSON.parse(input ?? ''), status]).toEqual([{ exportId }, 'RUNNING']);
  });

  it('starts once, however often and however simultaneously it is started', async () => {
    const exportId = randomUUID();
    await Promise.all(Array.from({ length: 20 }, () => workflow.start(exportId)));
    await workflow.start(exportId);
    expect(inputs.filter((input) => (input as { exportId: string }).exportId === exportId)).toHaveLength(1);
    const { executions = [] } = await machine.client.send(
      new ListExecutionsCommand({ stateMachineArn: MACHINE_ARN }),
    );
    expect(executions.filter(({ name }) => name === exportId)).toHaveLength(1);
  });

  it('stops, may be stopped again, and cannot be started again afterwards', async () => {
    const exportId = randomUUID();
    await workflow.start(exportId);
    await workflow.stop(exportId, 'ExportDeleted');
    await workflow.stop(exportId, 'ExportDeleted');
    expect(await statusOf(exportId)).toBe('ABORTED');
    await expect(workflow.start(exportId)).rejects.toMatchObject({ name: 'ExecutionEnded' });
    expect(await statusOf(exportId)).toBe('ABORTED');
  });

  it('may be started again when it has succeeded', async () => {
    const done = await aMachine(aSequence({ Done: { Type: 'Succeed' } }));
    const exportId = randomUUID();
    const finished = new SfnWorkflow(done.client, MACHINE_ARN);
    await finished.start(exportId);
    expect(await done.settled(executionArn(exportId))).toMatchObject({ status: 'SUCCEEDED' });
    await finished.start(exportId);
  });

  it('may be started again while somebody’s execution of that name runs', async () => {
    const exportId = randomUUID();
    await machine.start({ exportId, more: true }, exportId);
    await workflow.start(exportId);
    expect(await statusOf(exportId)).toBe('RUNNING');
  });

  it('cannot be started again when it has failed', async () => {
    const broken = await aMachine(aSequence({ Broken: { Type: 'Fail', Error: 'E', Cause: 'C' } }));
    const exportId = randomUUID();
    const failing = new SfnWorkflow(broken.client, MACHINE_ARN);
    await failing.start(exportId);
    expect(await broken.settled(executionArn(exportId))).toMatchObject({ status: 'FAILED' });
    await expect(failing.start(exportId)).rejects.toMatchObject({ name: 'ExecutionEnded' });
  });

  it('is not given up because nobody says how it ended', async () => {
    const exportId = randomUUID();
    await workflow.start(exportId);
    await workflow.stop(exportId, 'ExportDeleted');
    proxy.faultOf = ({ headers }) =>
      String(headers['x-amz-target']).endsWith('.DescribeExecution')
        ? awsJsonError('ServiceUnavailable', 503)
        : undefined;
    const faulty = new SfnWorkflow(sfnClient(proxy.url), MACHINE_ARN);
    await expect(faulty.start(exportId)).rejects.toMatchObject({ name: 'ServiceUnavailable' });
  });

  it('tells why it was stopped, in the words of operators', async () => {
    const exportId = randomUUID();
    await workflow.start(exportId);
    await workflow.stop(exportId, 'ExportDeleted');
    expect(
      await machine.client.send(new DescribeExecutionCommand({ executionArn: executionArn(exportId) })),
    ).toMatchObject({ error: 'ExportDeleted', cause: 'The user deleted the export.' });
  });

  it('says how it stands and since when it runs, also when there is none', async () => {
    const exportId = randomUUID();
    expect(await workflow.executionOf(exportId)).toEqual({ status: 'never_started' });
    const before = Date.now();
    await workflow.start(exportId);
    const running = await workflow.executionOf(exportId);
    if (running.status !== 'running') throw new Error(`It is ${running.status}.`);
    expect(running.since).toBeGreaterThanOrEqual(before - 1);
    expect(running.since).toBeLessThanOrEqual(Date.now());
    await workflow.stop(exportId, 'ExportFailed');
    expect(await workflow.executionOf(exportId)).toEqual({ status: 'aborted' });
  });

  it.each([
    ['SUCCEEDED', 'succeeded'],
    ['FAILED', 'failed'],
    ['TIMED_OUT', 'timed_out'],
    ['ABORTED', 'aborted'],
  ])('that the service calls %s is %s', async (status, expected) => {
    const exportId = randomUUID();
    await workflow.start(exportId);
    proxy.faultOf = () => ({
      alter: (answer) => ({
        ...answer,
        body: Buffer.from(answer.body.toString().replace('"RUNNING"', JSON.stringify(status))),
      }),
    });
    const throughProxy = new SfnWorkflow(sfnClient(proxy.url), MACHINE_ARN);
    expect(await throughProxy.executionOf(exportId)).toEqual({ status: expected });
  });

  it('that was set running again runs since then', async () => {
    const exportId = randomUUID();
    await workflow.start(exportId);
    const redriven = 1_900_000_000;
    proxy.faultOf = () => ({
      alter: (answer) => ({
        ...answer,
        body: Buffer.from(
          JSON.stringify({ ...(JSON.parse(answer.body.toString()) as object), redriveDate: redriven }),
        ),
      }),
    });
    const throughProxy = new SfnWorkflow(sfnClient(proxy.url), MACHINE_ARN);
    expect(await throughProxy.executionOf(exportId)).toEqual({ status: 'running', since: redriven * 1000 });
  });

  it('need not exist to be stopped', async () => {
    await workflow.stop(randomUUID(), 'ExportDeleted');
  });

  it('says by its own error that the service is not there', async () => {
    proxy.faultOf = () => awsJsonError('ServiceUnavailable', 503);
    const faulty = new SfnWorkflow(sfnClient(proxy.url), MACHINE_ARN);
    await expect(faulty.start(randomUUID())).rejects.toMatchObject({ name: 'ServiceUnavailable' });
    await expect(faulty.stop(randomUUID(), 'ExportDeleted')).rejects.toMatchObject({
      name: 'ServiceUnavailable',
    });
    await expect(faulty.executionOf(randomUUID())).rejects.toMatchObject({ name: 'ServiceUnavailable' });
  });

  it('does not take a missing state machine for a closed execution', async () => {
    const wrong = new SfnWorkflow(machine.client, `${MACHINE_ARN}-unknown`);
    await expect(wrong.start(randomUUID())).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
  });
});
