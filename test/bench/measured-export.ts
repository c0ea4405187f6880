import { paginateGetExecutionHistory, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { createExportClient } from '../../infra/local/commands/export-client.ts';
import { openFileSource } from '../../infra/local/commands/file-source.ts';
import { followExport } from '../../infra/local/commands/follow-export.ts';
import { downloadPackage } from '../../infra/local/commands/package-download.ts';
import { stateVisits } from '../../infra/local/operators-view/state-visits.ts';
import { LOCAL_WORKFLOW_ARN } from '../../infra/local/export-workflow.ts';
import { executionArnOf } from '../../infra/local/local-identity.ts';
import type { LocalSystem } from '../../infra/local/local-system.ts';
import { verifyPackage, type VerifiedPackage } from '../../shared/verification/verify-package.ts';
import type { BenchRun } from './bench-case.ts';

export interface MeasuredExport {
  /** From the request to when the service says it was completed; polls come later. */
  readonly seconds: number;
  /** Seconds in each of the workflow's outermost states that took any, in order. */
  readonly phases: readonly { readonly name: string; readonly seconds: number }[];
  /** Of the execution. */
  readonly history: readonly HistoryEvent[];
  readonly packageBytes: number;
  /** What the offline verifier found in the downloaded package. */
  readonly verified: VerifiedPackage;
  /** That it took to verify offline. */
  readonly verifySeconds: number;
}

const historyOf = async (client: SFNClient, exportId: string): Promise<HistoryEvent[]> => {
  const executionArn = executionArnOf(LOCAL_WORKFLOW_ARN, exportId);
  const pages = paginateGetExecutionHistory({ client }, { executionArn, maxResults: 1000 });
  const events: HistoryEvent[] = [];
  for await (const page of pages) events.push(...(page.events ?? []));
  return events;
};

const secondsBetween = (from: number | undefined, to: number | undefined): number =>
  from === undefined || to === undefined ? NaN : (to - from) / 1000;

const phasesOf = (events: readonly HistoryEvent[]): MeasuredExport['phases'] => {
  const top = stateVisits(events).filter(({ depth }) => depth === 0);
  return [...Map.groupBy(top, ({ name }) => name)]
    .map(([name, visits]) => ({
      name,
      seconds: visits.reduce((sum, visit) => sum + secondsBetween(visit.enteredAt, visit.exitedAt), 0),
    }))
    .filter(({ seconds }) => seconds > 0);
};

const verifyFile = async (file: string, sha256: string | null) => {
  const startedAt = performance.now();
  const source = await openFileSource(file);
  try {
    const verified = await verifyPackage(source, { format: 'zip', sha256: sha256 ?? undefined });
    return { verified, verifySeconds: (performance.now() - startedAt) / 1000 };
  } finally {
    await source.close();
  }
};

const completedStatus = z.object({ completedAt: z.iso.datetime() });

/** Epoch ms. */
const completedAt = async ({ apiUrl }: LocalSystem, token: string, exportId: string): Promise<number> => {
  const response = await fetch(`${apiUrl}/export/${exportId}/status`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return Date.parse(completedStatus.parse(await response.json()).completedAt);
};

/** Exports everything of a user over HTTP as anybody would, saves the package and verifies it. @throws CommandFailed */
export const measuredExport = async (
  system: LocalSystem,
  userId: string,
  { folder, signal, note }: BenchRun,
): Promise<MeasuredExport> => {
  const token = await system.issueToken(userId);
  const client = createExportClient({
    url: system.apiUrl,
    token,
    signal,
    onWait: note,
  });
  const requestedAt = Date.now();
  const exportId = await client.start({ exportType: 'complete', includeAnalytics: true }, randomUUID());
  const finished = await followExport(client, exportId, { signal, onStatus: () => undefined });
  const history = await historyOf(system.clients.sfn, exportId);
  note('Exported; saving and verifying the package …');
  const out = join(folder, 'package.zip');
  const file = await downloadPackage(client, exportId, finished, { out, signal });
  return {
    seconds: secondsBetween(requestedAt, await completedAt(system, token, exportId)),
    phases: phasesOf(history),
    history,
    packageBytes: finished.packageSize,
    ...(await verifyFile(file, finished.sha256)),
  };
};
