import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { forEachConcurrently } from '../../infra/local/sample-household/for-each-concurrently.ts';
import { BareClient, objectPath } from './bare-client.ts';
import { barePages } from './bare-query.ts';

const OBJECTS_AT_ONCE = 16;

/** What an export reads: pages of some queries, and objects of a bucket. */
export interface CopiedSource {
  /** URLs of the servers. */
  readonly dynamodb: string;
  readonly s3: string;
  readonly queries: readonly object[];
  readonly bucket: string;
  readonly keys: readonly string[];
}

interface Written {
  readonly path: string;
  readonly body: Uint8Array;
}

/** Saves all of it below a folder as it comes, over bare HTTP, queries beside each other and objects 16 at once; answers its bytes. */
export const copyOverHttp = async (
  { dynamodb, s3, queries, bucket, keys }: CopiedSource,
  folder: string,
): Promise<number> => {
  const tables = new BareClient(dynamodb, 'dynamodb');
  const objects = new BareClient(s3, 's3');
  let bytes = 0;
  const save = async ({ path, body }: Written): Promise<void> => {
    bytes += body.length;
    await writeFile(join(folder, path), body);
  };
  const saveQuery = async (query: object, number: number): Promise<void> => {
    let pages = 0;
    for await (const { body } of barePages(tables, query)) {
      await save({ path: `section-${number}-page-${pages}.json`, body });
      pages += 1;
    }
  };
  const saveObject = async ([number, key]: [number, string]): Promise<void> => {
    const { body } = await objects.send({ method: 'GET', path: objectPath(bucket, key) });
    await save({ path: join('files', `${number}-${key.slice(key.lastIndexOf('/') + 1)}`), body });
  };

  await mkdir(join(folder, 'files'), { recursive: true });
  try {
    const all = [
      ...queries.map(saveQuery),
      forEachConcurrently([...keys.entries()], OBJECTS_AT_ONCE, saveObject),
    ];
    await Promise.all(all);
    return bytes;
  } finally {
    tables.close();
    objects.close();
  }
};
