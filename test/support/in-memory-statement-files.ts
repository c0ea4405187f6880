import { Readable } from 'node:stream';
import type { OmissionCode } from '../../shared/domain/manifest.ts';
import type { StatementFile, StatementFiles } from '../../shared/ports.ts';

/** Uploaded files in memory; what cannot be had is there under its key with the code that says why. */
export class InMemoryStatementFiles implements StatementFiles {
  readonly files: Map<string, Buffer | OmissionCode>;
  /** Keys in the order in which they were opened. */
  readonly opened: string[] = [];
  readonly bodies: Readable[] = [];

  constructor(files: ReadonlyMap<string, Buffer | OmissionCode> = new Map()) {
    this.files = new Map(files);
  }

  open(userId: string, s3Key: string | undefined): Promise<StatementFile> {
    if (s3Key === undefined || s3Key === '') return Promise.resolve({ found: false, code: 'NO_KEY' });
    if (!s3Key.startsWith(`${userId}/`)) return Promise.resolve({ found: false, code: 'FOREIGN_KEY' });
    this.opened.push(s3Key);
    const file = this.files.get(s3Key) ?? 'MISSING_OBJECT';
    if (typeof file === 'string') return Promise.resolve({ found: false, code: file });
    const body = Readable.from(file.length === 0 ? [] : [file], { objectMode: false });
    this.bodies.push(body);
    return Promise.resolve({ found: true, body });
  }
}
