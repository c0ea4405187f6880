import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod/mini';
import { ExportAlreadyExists, ExportClosed, ExportStateConflict, JobUnreadable } from '../domain/errors.ts';
import {
  exportJob,
  tombstone,
  type CompletedJob,
  type DeletingJob,
  type ExpiredJob,
  type ExportJob,
  type FailedJob,
  type InitiatedJob,
  type Tombstone,
} from '../domain/export-job.ts';
import { priorStatuses, type ExportStatus, type Phase } from '../domain/export-status.ts';
import { progressName, type SectionPart, type SectionProgress } from '../domain/section-progress.ts';
import type { Section } from '../domain/sections.ts';
import type { JobStore, ListedPlace } from '../ports.ts';
import { dueShard } from './due-shard.ts';
import { UpdateExpression } from './update-expression.ts';
import { translated } from './translated.ts';

const SERVICE = 'The table of export jobs';
/** DynamoDB refuses a longer partition key, and ids come from paths and page tokens that anybody can write. */
const KEY_LIMIT_BYTES = 2048;

/** The export jobs table. Status changes are single conditional writes: whoever comes first wins. */
export class DynamoJobStore implements JobStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
    this.#table = table;
  }

  async find(exportId: string): Promise<ExportJob | Tombstone | undefined> {
    if (exportId === '' || Buffer.byteLength(exportId) > KEY_LIMIT_BYTES) return undefined;
    const { Item } = await translated(SERVICE, () =>
      this.#client.send(new GetCommand({ TableName: this.#table, Key: { exportId }, ConsistentRead: true })),
    );
    if (Item === undefined || !('status' in Item)) return undefined;
    return Item['status'] === 'deleted' ? readAs(tombstone, Item) : readAs(exportJob, Item);
  }

  async findByUser(userId: string, page: { limit: number; after?: ListedPlace }) {
    const jobs: ExportJob[] = [];
    let after: Record<string, unknown> | undefined =
      page.after === undefined ? undefined : indexKey(page.after);
    do {
      const { Items = [], LastEvaluatedKey } = await translated(SERVICE, () =>
        this.#client.send(
          new QueryCommand({
            TableName: this.#table,
            IndexName: 'UserIdIndex',
            KeyConditionExpression: 'userId = :userId',
            FilterExpression: '#status <> :deleting',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':userId': userId, ':deleting': 'deleting' },
            ScanIndexForward: false,
            Limit: page.limit + 1 - jobs.length,
            ExclusiveStartKey: after,
          }),
        ),
      );
      jobs.push(...Items.map((item) => readAs(exportJob, item)));
      after = LastEvaluatedKey;
    } while (after !== undefined && jobs.length <= page.limit);
    return { jobs: jobs.slice(0, page.limit), hasMore: jobs.length > page.limit };
  }

  async create(job: InitiatedJob): Promise<void> {
    const Item = { ...job, dueShard: dueShard(job.exportId) };
    await conditional(
      () =>
        this.#client.send(
          new PutCommand({
            TableName: this.#table,
            Item,
            ConditionExpression: 'attribute_not_exists(exportId)',
          }),
        ),
      () => new ExportAlreadyExists('An export with this id exists.'),
    );
  }

  async begin(
    exportId: string,
    run: { executionArn: string; startedAt: number; dueAt: number },
  ): Promise<ExportJob> {
    const update = new UpdateExpression()
      .set('status', 'processing')
      .set('currentPhase', 'collecting_data' satisfies Phase)
      .set('executionArn', run.executionArn)
      .setIfMissing('startedAt', run.startedAt)
      .set('dueAt', run.dueAt)
      .when('#status = :initiated OR (#status = :status AND #executionArn = :executionArn)', {
        ':initiated': 'initiated',
      });
    const { Attributes } = await this.#update(exportId, update, closed);
    return readAs(exportJob, Attributes);
  }

  async recordSection(
    exportId: string,
    section: Section,
    progress: SectionProgress,
    part?: SectionPart,
  ): Promise<void> {
    const name = progressName(section, part);
    const update = new UpdateExpression().setIn('sections', name, progress);
    if (!progress.done) {
      const stored = `#sections.#sections_${name}`;
      update.when(
        `attribute_not_exists(${stored}) OR (${stored}.#done = :undone AND ${stored}.#count <= :count)`,
        { ':undone': false, ':count': progress.count },
      );
    }
    await this.#report(exportId, update);
  }

  async recordProgress(exportId: string, progress: number, phase: Phase): Promise<void> {
    const update = new UpdateExpression()
      .set('progress', progress)
      .set('currentPhase', phase)
      .when('#progress < :progress');
    await this.#report(exportId, update);
  }

  async complete(job: CompletedJob): Promise<void> {
    const { s3Key, packageSize, sha256, crc64nvme, completeness, counts, warnings } = job;
    const { completedAt, expiresAt } = job;
    const update = moveTo('completed', job)
      .setAll({ s3Key, packageSize, sha256, crc64nvme, completeness, counts, warnings })
      .setAll({ completedAt, expiresAt })
      .setAll({ progress: job.progress, currentPhase: job.currentPhase });
    try {
      await this.#update(job.exportId, update, closed);
    } catch (error) {
      // A write whose answer was lost is sent again by the SDK, and then finds what it has written itself.
      const stored = error instanceof ExportClosed ? await this.find(job.exportId) : undefined;
      if (stored?.status !== 'completed' || stored.s3Key !== s3Key) throw error;
    }
  }

  async fail(job: FailedJob): Promise<void> {
    const { completedAt, error, errorDetails } = job;
    const update = moveTo('failed', job).setAll({ completedAt, error, errorDetails });
    await this.#update(job.exportId, update, () => conflict('failed'));
  }

  async expire(job: ExpiredJob): Promise<void> {
    await this.#update(job.exportId, moveTo('expired', job), () => conflict('expired'));
  }

  async startDeleting(job: DeletingJob): Promise<void> {
    const update = moveTo('deleting', job).set('purgeAgainAt', job.purgeAgainAt);
    await this.#update(job.exportId, update, () => conflict('deleting'));
  }

  async bury(grave: Tombstone): Promise<void> {
    await conditional(
      () =>
        this.#client.send(
          new PutCommand({
            TableName: this.#table,
            Item: { ...grave, dueShard: dueShard(grave.exportId) },
            ConditionExpression: '#status = :deleting',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':deleting': 'deleting' },
          }),
        ),
      () => conflict('deleted'),
    );
  }

  async addPendingEvents(
    exportId: string,
    events: Readonly<Record<string, string>>,
    dueAt: number,
  ): Promise<void> {
    const update = new UpdateExpression().set('dueAt', dueAt).whenStatusIn(['completed']);
    for (const [eventId, event] of Object.entries(events)) update.setIn('pendingEvents', eventId, event);
    await this.#update(exportId, update, () => conflict('downloaded'));
  }

  async removePendingEvents(exportId: string, eventIds: readonly string[]): Promise<void> {
    if (eventIds.length === 0) return;
    const update = new UpdateExpression().when('attribute_exists(#pendingEvents)');
    for (const eventId of eventIds) update.removeIn('pendingEvents', eventId);
    await this.#update(exportId, update, () => conflict('published'));
  }

  /** A retried step reports again what its first attempt has reported: not progress, and not a reason to stop. */
  async #report(exportId: string, update: UpdateExpression): Promise<void> {
    try {
      await this.#update(exportId, update.whenStatusIn(['processing']), closed);
    } catch (error) {
      const job = error instanceof ExportClosed ? await this.find(exportId) : undefined;
      if (job?.status !== 'processing') throw error;
    }
  }

  #update(exportId: string, update: UpdateExpression, refusal: () => Error) {
    return conditional(
      () =>
        this.#client.send(
          new UpdateCommand({
            TableName: this.#table,
            Key: { exportId },
            ReturnValues: 'ALL_NEW',
            ...update.input(),
          }),
        ),
      refusal,
    );
  }
}

/** @throws JobUnreadable, which names the attributes that are not as they should be, and quotes none of them */
const readAs = <Row>(schema: z.ZodMiniType<Row>, item: unknown): Row => {
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  const attributes = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new JobUnreadable(`These attributes of an export job are not as they should be: ${attributes}.`);
};

const closed = (): Error => new ExportClosed('The export is no longer in progress.');

const conflict = (wanted: string): Error =>
  new ExportStateConflict(`The export cannot become ${wanted} from the status it has.`);

/** Runs a conditional write; a condition that does not hold becomes this project's own error. */
const conditional = async <T>(write: () => Promise<T>, refusal: () => Error): Promise<T> => {
  try {
    return await translated(SERVICE, write);
  } catch (error) {
    throw error instanceof ConditionalCheckFailedException ? refusal() : error;
  }
};

/** A change of status with its events: both in one write, so that neither can be there without the other. */
const moveTo = (
  status: ExportStatus,
  { dueAt, pendingEvents }: Pick<ExportJob, 'dueAt' | 'pendingEvents'>,
) => {
  const update = new UpdateExpression()
    .set('status', status)
    .set('dueAt', dueAt)
    .whenStatusIn(priorStatuses(status));
  for (const [eventId, event] of Object.entries(pendingEvents)) update.setIn('pendingEvents', eventId, event);
  return update;
};

const indexKey = ({ exportId, userId, requestedAt }: ListedPlace) => ({ exportId, userId, requestedAt });
