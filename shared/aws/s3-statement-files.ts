import { InvalidObjectState, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import type { StatementFile, StatementFiles } from '../ports.ts';
import { getObject } from './get-object.ts';
import { resumedObject, type RequestedPart, type ResumePolicy } from './resumed-body.ts';
import { translated } from './translated.ts';

const SERVICE = 'The storage of statement files';

/** A key is the user's when it starts with `{userId}/` (data contract); a user id with a slash could name another's. */
const isOwn = (userId: string, s3Key: string): boolean =>
  userId !== '' && !userId.includes('/') && s3Key.startsWith(`${userId}/`);

const KEY_LIMIT_BYTES = 1024;

/** Records hold whatever the application wrote: a key that no object can have (S3, "Object key names") is of none. */
const canExist = (s3Key: string): boolean =>
  s3Key.isWellFormed() && Buffer.byteLength(s3Key) <= KEY_LIMIT_BYTES;

/**
 * Users' uploaded files, in the household application's own bucket. A refusal (403) is never taken for a missing file, or
 * an export without rights would call itself complete but for files that are all there. S3 says 404 only to a role with
 * s3:ListBucket on the bucket (GetObject API reference, "Permissions"): without that right, one missing file fails the export.
 */
export class S3StatementFiles implements StatementFiles {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #policy: ResumePolicy | undefined;

  constructor(client: S3Client, bucket: string, policy?: ResumePolicy) {
    this.#client = client;
    this.#bucket = bucket;
    this.#policy = policy;
  }

  async open(userId: string, s3Key: string | undefined): Promise<StatementFile> {
    if (s3Key === undefined || s3Key === '') return { found: false, code: 'NO_KEY' };
    if (!isOwn(userId, s3Key)) return { found: false, code: 'FOREIGN_KEY' };
    if (!canExist(s3Key)) return { found: false, code: 'MISSING_OBJECT' };
    const get = (part: RequestedPart) =>
      translated(SERVICE, () => getObject(this.#client, { Bucket: this.#bucket, Key: s3Key, ...part }));
    try {
      return { found: true, body: await resumedObject({ get, service: SERVICE, policy: this.#policy }) };
    } catch (error) {
      if (error instanceof NoSuchKey) return { found: false, code: 'MISSING_OBJECT' };
      if (error instanceof InvalidObjectState) return { found: false, code: 'ARCHIVED_OBJECT' };
      throw error;
    }
  }
}
