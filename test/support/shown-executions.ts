import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { LOCAL_WORKFLOW_ARN } from '../../infra/local/export-workflow.ts';
import { LambdaFunctionError } from '../../infra/local/lambda/lambda-runner.ts';
import { executionArnOf } from '../../infra/local/local-identity.ts';
import { OPERATORS_PATH } from '../../infra/local/operators-view/operators-view.ts';
import { nameBasedUuid } from '../../shared/domain/name-based-uuid.ts';
import { ExportApi } from './export-api.ts';
import { exportOfPayload } from './export-of-payload.ts';
import { startRunningSystem, type RunningSystem } from './running-system.ts';
import { seedSmallHousehold } from './small-household.ts';

/** So few that a user with some files has a package in segments. */
const SEGMENT_ENTRIES = '6';

interface Fault {
  readonly functionName: string;
  times: number;
  readonly errorType: string;
  /** The function waits for this instead. */
  readonly until?: Promise<void>;
}

export interface ShownExecutions {
  readonly system: RunningSystem;
  readonly url: string;
  /** By what an operator is to see of it: the export's id. */
  readonly exportIds: Readonly<Record<'completed' | 'failed' | 'retried' | 'running' | 'segmented', string>>;
  /** Lets the running one go on to its end. */
  release(): Promise<void>;
  end(): Promise<void>;
}

/** The job has ended before its execution. */
const settled = async ({ clients }: RunningSystem, exportId: string): Promise<void> => {
  const executionArn = executionArnOf(LOCAL_WORKFLOW_ARN, exportId);
  for (;;) {
    const { status } = await clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') return;
    await delay(20);
  }
};

/** A system with an execution of each kind, for the operators' page to show. */
export const startShownExecutions = async (): Promise<ShownExecutions> => {
  const faults = new Map<string, Fault>();
  const beforeInvoke = async (functionName: string, payload: unknown): Promise<void> => {
    const fault = faults.get(exportOfPayload(payload));
    if (fault?.functionName !== functionName) return;
    if (fault.until !== undefined) await fault.until;
    else if (fault.times > 0) {
      fault.times -= 1;
      throw new LambdaFunctionError({ errorType: fault.errorType, errorMessage: 'Struck by a test.' });
    }
  };
  const system = await startRunningSystem({ variables: { SEGMENT_ENTRIES }, invocationHook: { beforeInvoke } });

  const started = async (fault?: Fault, households = 1) => {
    const userId = `user-${randomUUID()}`;
    for (let count = 0; count < households; count += 1) {
      await seedSmallHousehold(system.clients, system.settings, userId);
    }
    const api = new ExportApi(system.apiUrl, await system.issueToken(userId));
    const key = randomUUID();
    const exportId = nameBasedUuid('export', userId, key);
    if (fault !== undefined) faults.set(exportId, fault);
    await api.start({ includeAnalytics: households > 1 }, { 'idempotency-key': key });
    return { api, exportId };
  };
  const ended = async (fault?: Fault, households?: number): Promise<string> => {
    const { api, exportId } = await started(fault, households);
    await api.ended(exportId);
    await settled(system, exportId);
    return exportId;
  };

  const completed = await ended();
  const failed = await ended({ functionName: 'package-export', times: Infinity, errorType: 'AccessRefused' });
  const retried = await ended({ functionName: 'collect-accounts', times: 2, errorType: 'ServiceUnavailable' });
  const segmented = await ended(undefined, 8);
  const held = Promise.withResolvers<undefined>();
  const running = await started({
    functionName: 'collect-categories',
    times: 0,
    errorType: '',
    until: held.promise,
  });
  const release = async (): Promise<void> => {
    held.resolve(undefined);
    await running.api.ended(running.exportId);
    await settled(system, running.exportId);
  };
  return {
    system,
    url: `${system.apiUrl}${OPERATORS_PATH}`,
    exportIds: { completed, failed, retried, running: running.exportId, segmented },
    release,
    end: async () => {
      await release();
      await system.end();
    },
  };
};
