import { GetObjectCommand } from '@aws-sdk/client-s3';
import { ListExecutionsCommand, paginateListExecutions } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { deepEqual, equal, ok } from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { LOCAL_WORKFLOW_ARN } from '../../infra/local/export-workflow.ts';
import { createLambdaRunner } from '../../infra/local/lambda/lambda-runner.ts';
import { localFunctions } from '../../infra/local/local-functions.ts';
import { DynamoActiveExports } from '../../shared/aws/dynamo-active-exports.ts';
import { SECTIONS } from '../../shared/domain/sections.ts';
import { verifyPackage } from '../../shared/verification/verify-package.ts';
import { bucketContents } from '../support/bucket-contents.ts';
import type { StartedService } from '../support/started-service.ts';
import type { DeliveredEvent, ExportRow } from './fault-world.ts';
import { TABLE_VARIABLES, type MarkedHousehold } from './marked-household.ts';

const stateMachineArn = LOCAL_WORKFLOW_ARN;

/** Waits until no execution runs: a job is completed a moment before its execution ends. */
export const untilAllIsEnded = async ({ clients }: StartedService, seconds = 60): Promise<void> => {
  const deadline = Date.now() + seconds * 1000;
  const running = new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' });
  while (((await clients.sfn.send(running)).executions ?? []).length > 0) {
    ok(Date.now() < deadline, `An execution still runs after ${seconds} s.`);
    await delay(50);
  }
};

const itemsOf = async ({ clients }: StartedService, TableName: string): Promise<unknown[]> => {
  const client = DynamoDBDocumentClient.from(clients.dynamodb);
  const items: unknown[] = [];
  for await (const page of paginateScan({ client }, { TableName })) items.push(...(page.Items ?? []));
  return items;
};

const jobRows = async (service: StartedService): Promise<ExportRow[]> =>
  ((await itemsOf(service, service.settings.tables.EXPORT_JOBS_TABLE)) as ExportRow[]).filter(
    (row) => 'status' in row,
  );

const sourceIsWhole = async (service: StartedService, { counts }: MarkedHousehold): Promise<void> => {
  const { tables } = service.settings;
  const found = await Promise.all(
    SECTIONS.map(async (section) => [
      section,
      (await itemsOf(service, tables[TABLE_VARIABLES[section]])).length,
    ]),
  );
  deepEqual(Object.fromEntries(found), counts, 'Each table holds what was written to it.');
};

const executionsAre = async ({ clients }: StartedService, exportIds: readonly string[]): Promise<void> => {
  const names: string[] = [];
  for await (const page of paginateListExecutions({ client: clients.sfn }, { stateMachineArn })) {
    names.push(...(page.executions ?? []).map(({ name }) => name ?? ''));
  }
  deepEqual(names.sort(), [...exportIds].sort(), 'Each export has one execution.');
};

const bucketHolds = async (
  { clients, settings }: StartedService,
  rows: readonly ExportRow[],
): Promise<void> => {
  const packages = rows.filter(({ status }) => status === 'completed').map((row) => String(row['s3Key']));
  const { keys, openUploads } = await bucketContents(clients.s3, settings.packagesBucket);
  deepEqual(keys.sort(), packages.sort(), 'The bucket holds the packages of completed exports only.');
  deepEqual(openUploads, [], 'No upload stays open.');
};

const eventsFollow = async ({ endpoints }: StartedService, rows: readonly ExportRow[]): Promise<void> => {
  const answer = await fetch(`${endpoints.eventbridge}/_local/events`);
  const { events } = (await answer.json()) as { events: DeliveredEvent[] };
  for (const { exportId, status } of rows) {
    const endings = events.filter(
      (event) =>
        event.detail.data?.exportId === exportId &&
        ['export.completed', 'export.failed'].includes(event['detail-type']),
    );
    const types = new Set(endings.map((event) => event['detail-type']));
    deepEqual([...types], [`export.${status}`], `Export ${exportId} has the event of its end.`);
    equal(new Set(endings.map(({ detail }) => detail.eventId)).size, 1, 'Repeats have the same id.');
  }
};

const MINUTE_MS = 60_000;
/** When a closed export's rows are due, and when nothing of a killed function can still be writing. */
const SWEEPS_AFTER_MINUTES = [3, 20];

/** What the service's own sweeper would do in the next minutes. */
const sweepAhead = async ({ settings, endpoints }: StartedService): Promise<void> => {
  let minutes = 0;
  const runner = createLambdaRunner({
    functions: localFunctions({ settings, endpoints, workflowArn: stateMachineArn }, {}),
    clockOffset: () => minutes * MINUTE_MS,
  });
  try {
    for (minutes of SWEEPS_AFTER_MINUTES) await runner.invoke('sweep-exports', {});
  } finally {
    await runner.close();
  }
};

/** Fails unless all these exports have ended once each, nothing half-done is left, and every record is readable. */
export const assertNothingIsBroken = async (
  service: StartedService,
  household: MarkedHousehold,
  exportIds: readonly string[],
): Promise<void> => {
  const { clients, settings } = service;
  await sweepAhead(service);
  const rows = await jobRows(service);
  deepEqual(rows.map(({ exportId }) => exportId).sort(), [...exportIds].sort(), 'Each export has one job.');
  const unended = rows.filter(({ status }) => status !== 'completed' && status !== 'failed');
  deepEqual(unended, [], 'Every export has ended.');
  await executionsAre(service, exportIds);
  await bucketHolds(service, rows);
  await eventsFollow(service, rows);
  const active = new DynamoActiveExports(clients.dynamodb, settings.tables.EXPORT_JOBS_TABLE);
  deepEqual([...(await active.members(household.userId))], [], 'No ended export holds a place.');
  await sourceIsWhole(service, household);
};

/** Fails unless the package is the one that its job tells of, proves itself, and holds the whole household. */
export const assertVerifiedPackage = async (
  service: StartedService,
  { counts }: MarkedHousehold,
  exportId: string,
): Promise<void> => {
  const { clients, settings } = service;
  const row = (await jobRows(service)).find((one) => one.exportId === exportId);
  const command = new GetObjectCommand({ Bucket: settings.packagesBucket, Key: String(row?.['s3Key']) });
  const { Body } = await clients.s3.send(command);
  const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
  const source = {
    size: bytes.length,
    read: (from: number, length: number) => Promise.resolve(bytes.subarray(from, from + length)),
  };
  const { manifest } = await verifyPackage(source, { format: 'zip', sha256: String(row?.['sha256']) });
  for (const section of SECTIONS) {
    equal(manifest.counts[section]?.included, counts[section], `The package holds all ${section}.`);
  }
};
