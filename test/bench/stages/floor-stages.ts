import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { forEachConcurrently } from '../../../infra/local/sample-household/for-each-concurrently.ts';
import { BareClient, objectPath } from '../bare-client.ts';
import { barePages } from '../bare-query.ts';
import { FAST_ZIP, runProgram } from '../outside-program.ts';
import type { Stage } from '../stage.ts';

const OBJECTS_AT_ONCE = 16;

interface FloorSettings {
  readonly dynamodb: string;
  readonly s3: string;
  /** One for each section. */
  readonly queries: readonly object[];
  readonly bucket: string;
  readonly keys: readonly string[];
  /** Made anew. */
  readonly folder: string;
}

const savePages = async (client: BareClient, query: object, folder: string): Promise<number> => {
  await mkdir(folder, { recursive: true });
  let bytes = 0;
  let pages = 0;
  for await (const { body } of barePages(client, query)) {
    await writeFile(join(folder, `page-${pages}.json`), body);
    bytes += body.length;
    pages += 1;
  }
  return bytes;
};

const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1000;

/** The least that anybody would do for an export: fetch everything, save it as it came, and zip the folder with Info-ZIP. */
export const readAndZip: Stage<FloorSettings> = async ({ dynamodb, s3, queries, bucket, keys, folder }) => {
  const content = join(folder, 'content');
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(content, 'files'), { recursive: true });
  const tables = new BareClient(dynamodb, 'dynamodb');
  const objects = new BareClient(s3, 's3');

  const saveObject = async (key: string, number: number): Promise<number> => {
    const { body } = await objects.send({ method: 'GET', path: objectPath(bucket, key) });
    await writeFile(join(content, 'files', `${number}-${key.slice(key.lastIndexOf('/') + 1)}`), body);
    return body.length;
  };

  return async () => {
    const startedAt = performance.now();
    let bytes = 0;
    const sections = queries.map(async (query, section) => {
      bytes += await savePages(tables, query, join(content, `section-${section}`));
    });
    await Promise.all([
      ...sections,
      forEachConcurrently([...keys.entries()], OBJECTS_AT_ONCE, async ([number, key]) => {
        bytes += await saveObject(key, number);
      }),
    ]);
    const readSeconds = secondsSince(startedAt);
    await runProgram(FAST_ZIP, FAST_ZIP.pack(join(folder, 'package.zip')), { cwd: content });
    return { bytes, readSeconds, zipSeconds: secondsSince(startedAt) - readSeconds };
  };
};
