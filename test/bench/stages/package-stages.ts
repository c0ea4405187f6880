import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { ZipArchive } from 'archiver';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, deflateRawSync } from 'node:zlib';
import { createPackageExport } from '../../../functions/package-export/package-export.ts';
import { s3 as productS3 } from '../../../shared/aws/s3-client.ts';
import { artifactStore, statementFiles } from '../../../shared/lambda/dependencies/storage.ts';
import { systemClock } from '../../../shared/lambda/system-clock.ts';
import { InMemoryJobStore } from '../../support/in-memory-job-store.ts';
import type { CollectedExport } from '../collected-export.ts';
import { credentialsFound } from '../credentials-found.ts';
import type { Stage } from '../stage.ts';

/** The product's packager: from the plan to the package in S3. */
export const productPack: Stage<{ collected: CollectedExport; attemptId: string }> = async ({
  collected: { job, run, planKey, fileBucket, packagesBucket },
  attemptId,
}) => {
  const pack = createPackageExport({
    jobs: new InMemoryJobStore(job),
    artifacts: artifactStore({ EXPORT_PACKAGES_BUCKET: packagesBucket }),
    files: statementFiles({ FILE_STORAGE_BUCKET: fileBucket }),
    clock: systemClock,
    applicationVersion: 'bench',
    viewer: () => Promise.resolve(Buffer.from('<!doctype html>')),
  });
  await credentialsFound(productS3);
  return async () => {
    const { packageSize, counts } = await pack({ run, planKey }, { attemptId });
    return { bytes: packageSize, files: counts.transactionFiles?.included ?? 0 };
  };
};

interface ObjectsSettings {
  readonly fileBucket: string;
  readonly packagesBucket: string;
  readonly keys: readonly string[];
}

/** As one would write it first: archiver at its usual level, each object asked for when the one before is packed. */
export const archiverOneByOne: Stage<ObjectsSettings> = async ({ fileBucket, packagesBucket, keys }) => {
  const s3 = new S3Client({});
  await credentialsFound(s3);
  return async () => {
    const archive = new ZipArchive({ zlib: { level: 6 } });
    let bytes = 0;
    const output = new PassThrough().on('data', (chunk: Buffer) => (bytes += chunk.length));
    const Body = archive.pipe(output);
    const params = { Bucket: packagesBucket, Key: 'archiver.zip', Body };
    const uploaded = new Upload({ client: s3, params, partSize: 6 * 1024 ** 2 }).done();
    for (const Key of keys) {
      const object = await s3.send(new GetObjectCommand({ Bucket: fileBucket, Key }));
      const packed = once(archive, 'entry');
      archive.append(object.Body as Readable, { name: Key });
      await packed;
    }
    await archive.finalize();
    await uploaded;
    return { bytes };
  };
};

interface FilesSettings {
  readonly folder: string;
  readonly names: readonly string[];
  readonly out: string;
}

const writtenFrom = async (
  { folder, names, out }: FilesSettings,
  packed: (content: Buffer) => Buffer,
): Promise<{ bytes: number }> => {
  let bytes = 0;
  async function* contents(): AsyncGenerator<Buffer> {
    for (const name of names) {
      const content = packed(await readFile(join(folder, name)));
      bytes += content.length;
      yield content;
    }
  }
  await pipeline(contents(), createWriteStream(out));
  return { bytes };
};

/** What any packer in Node could save at most by doing nothing but deflate and checksum: files of a disk, without a ZIP. */
export const zlibLevelOne: Stage<FilesSettings> = (settings) =>
  Promise.resolve(() =>
    writtenFrom(settings, (content) => {
      crc32(content);
      return deflateRawSync(content, { level: 1 });
    }),
  );

/** The bytes of all files, one after another, as they are. */
export const copyFiles: Stage<FilesSettings> = (settings) =>
  Promise.resolve(() => writtenFrom(settings, (content) => content));
