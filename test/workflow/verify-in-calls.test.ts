import { afterEach, describe, expect, it } from '@jest/globals';
import { createCompleteExport } from '../../functions/complete-export/complete-export.ts';
import { createFailExport } from '../../functions/fail-export/fail-export.ts';
import { createVerifyPackage } from '../../functions/verify-package/verify-package.ts';
import { localFunctionArn } from '../../infra/local/local-identity.ts';
import type { PackageSummary } from '../../shared/domain/manifest.ts';
import { packageKey } from '../../shared/domain/package-layout.ts';
import { WORKFLOW_FUNCTIONS, type WorkflowFunction } from '../../shared/lambda/functions.ts';
import { createPublishPendingEvents } from '../../shared/use-cases/publish-pending-events.ts';
import { completeInput, failInput, verifyInput } from '../../shared/workflow/contracts.ts';
import { placeholderFor, workflowDefinition } from '../../statemachine/definition.ts';
import { builtZip, EXPORT_ID } from '../support/built-package.ts';
import { A_USER, anExportRun, aPackageSummary, aProcessingJob, HOUR_MS } from '../support/export-builders.ts';
import { InMemoryActiveExports } from '../support/in-memory-active-exports.ts';
import { InMemoryArtifactStore } from '../support/in-memory-artifact-store.ts';
import { InMemoryJobStore } from '../support/in-memory-job-store.ts';
import { aMachine, cleanUp, executionArn, FunctionFailure } from '../support/local-step-functions.ts';
import { RecordingBus, RecordingLog, RecordingMetrics, SettableClock } from '../support/recording-ports.ts';

const RUN = anExportRun({
  exportId: EXPORT_ID,
  userId: A_USER,
  includeAnalytics: true,
  transactionParts: [],
});
const KEY = packageKey(RUN, 'attempt-1', 'zip');

/** The workflow's own definition from the verification on. */
const fromVerification = (): object => {
  const names = Object.keys(WORKFLOW_FUNCTIONS) as WorkflowFunction[];
  const text = names.reduce(
    (filled, name) => filled.replaceAll(`\${${placeholderFor(name)}}`, localFunctionArn(name)),
    workflowDefinition(),
  );
  const { States } = JSON.parse(text) as { States: Record<string, object> };
  const kept =
    /^(?:VerifyPackage|PackageVerified|CompleteExport|FailExport|Export(?:Was)?(?:Completed|Failed))$/;
  return {
    StartAt: 'VerifyPackage',
    States: Object.fromEntries(Object.entries(States).filter(([name]) => kept.test(name))),
  };
};

const asLambdaFails = (error: unknown): never => {
  const { name, message } = error as Error;
  throw new FunctionFailure(name, message);
};

describe('the workflow with a package that one call cannot verify', () => {
  afterEach(cleanUp);

  const setUp = async () => {
    const artifacts = new InMemoryArtifactStore();
    const jobs = new InMemoryJobStore(
      aProcessingJob({ exportId: EXPORT_ID, userId: A_USER, executionArn: executionArn(EXPORT_ID) }),
    );
    const [log, events, clock] = [new RecordingLog(), new RecordingBus(), new SettableClock()];
    const metrics = new RecordingMetrics();
    const publish = createPublishPendingEvents({ jobs, events, log, metrics });
    const activeExports = new InMemoryActiveExports();
    const shared = { jobs, artifacts, clock, log, metrics, publish, activeExports };
    const verify = createVerifyPackage({ ...shared, bytesPerCall: 0 });
    const complete = createCompleteExport({ ...shared, retentionMs: HOUR_MS, packagesBucket: 'packages' });
    const fail = createFailExport(shared);
    const inputs: unknown[] = [];
    const machine = await aMachine(fromVerification(), {
      'verify-package': (payload: unknown) => {
        inputs.push(payload);
        const attempt = { attemptId: `attempt-${inputs.length}` };
        return verify(verifyInput.parse(payload), attempt).catch(asLambdaFails);
      },
      'complete-export': (payload: unknown) => complete(completeInput.parse(payload)).catch(asLambdaFails),
      'fail-export': (payload: unknown) => fail(failInput.parse(payload)).catch(asLambdaFails),
    });
    const { bytes: packageSize, sha256 } = await artifacts.write(KEY, [await builtZip()]);
    const counts = { accounts: { expected: 2, included: 2, omitted: 0 } };
    const made = { s3Key: KEY, packageSize, sha256: null, completeness: 'partial', counts } as const;
    const run = async (summary: PackageSummary) => {
      const input = { exportId: EXPORT_ID, run: RUN, package: summary };
      return machine.settled(await machine.start(input, EXPORT_ID));
    };
    return { artifacts, jobs, inputs, sha256, run, summary: aPackageSummary(made) };
  };

  it('calls the verifier until it is done, completes the export with its hash, and leaves the package alone', async () => {
    const { artifacts, jobs, inputs, sha256, run, summary } = await setUp();
    expect(await run(summary)).toMatchObject({ status: 'SUCCEEDED' });
    expect(inputs).toHaveLength(11);
    expect(await jobs.find(EXPORT_ID)).toMatchObject({ status: 'completed', sha256, progress: 100 });
    expect(artifacts.keys()).toEqual([KEY]);
  });

  it('fails the export when the package is not the one that its maker told of, and leaves nothing', async () => {
    const { artifacts, jobs, inputs, run, summary } = await setUp();
    expect(await run({ ...summary, sha256: '0'.repeat(64) })).toMatchObject({ status: 'FAILED' });
    expect(inputs).toHaveLength(11);
    expect(await jobs.find(EXPORT_ID)).toMatchObject({
      status: 'failed',
      errorDetails: { code: 'PackageCorrupted' },
    });
    expect(artifacts.keys()).toEqual([]);
  });
});
