import { GetObjectCommand, InvalidObjectState, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import type { StatementFile, StatementFiles } from '../ports.ts';
import { bodyOf } from './body-of.ts';
import { translated } from './translated.ts';

const SERVICE = 'The storage of statement files';

/** A key is the user's when it starts with `{userId}/` (data contract); a user id with a slash could name another's. */
const isOwn = (userId: string, s3Key: string): boolean =>
  userId !== '' && !userId.includes('/') && s3Key.startsWith(`${userId}/`);

/** S3 refuses to be asked for any other key (object key names: UTF-8, at most 1,024 bytes), so nothing can be there. */
const canBeKey = (s3Key: string): boolean => s3Key.isWellFormed() && Buffer.byteLength(s3Key) <= 1024;

/** Users' uploaded files, in the household application's own bucket. */
export class S3StatementFiles implements StatementFiles {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async open(userId: string, s3Key: string | undefined): Promise<StatementFile> {
    if (s3Key === undefined || s3Key === '') return { found: false, code: 'NO_KEY' };
    if (!isOwn(userId, s3Key)) return { found: false, code: 'FOREIGN_KEY' };
    if (!canBeKey(s3Key)) return { found: false, code: 'MISSING_OBJECT' };
    try {
      const command = new GetObjectCommand({ Bucket: this.#bucket, Key: s3Key });
      return {
        found: true,
        body: bodyOf(await translated(SERVICE, () => this.#client.send(command)), SERVICE),
      };
    } catch (error) {
      if (error instanceof NoSuchKey) return { found: false, code: 'MISSING_OBJECT' };
      if (error instanceof InvalidObjectState) return { found: false, code: 'ARCHIVED_OBJECT' };
      throw error;
    }
  }
}
