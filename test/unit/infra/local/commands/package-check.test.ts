import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkPackage, type PackageCheck } from '../../../../../infra/local/commands/package-check.ts';
import { packageReport } from '../../../../../infra/local/commands/package-report.ts';
import { openZipArchive } from '../../../../../shared/packaging/zip-archive.ts';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

const MANIFEST = JSON.stringify({
  completeness: 'partial',
  omissions: [
    { expectedPath: 'files/b/b.csv', code: 'MISSING_OBJECT', reason: 'It is \u001b[31mgone\u202e.' },
  ],
  counts: { transactionFiles: { expected: 2, included: 1, omitted: 1 } },
});

const CONTENTS: Record<string, string> = {
  'data/accounts.json': '[]\n',
  'files/a/ä 💶.csv': 'date,amount\n',
  'manifest.json': MANIFEST,
};

const listOf = (contents: Record<string, string>): string =>
  Object.entries(contents)
    .map(([path, text]) => `${sha256(text)}  ${path}\n`)
    .join('');

describe('the check of a package', () => {
  let folder: string;
  let number = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'package-check-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const zipOf = async (entries: [path: string, text: string][]): Promise<string> => {
    const file = join(folder, `${(number += 1)}.zip`);
    const archive = openZipArchive(Date.UTC(2026, 0, 1));
    const written = pipeline(archive.output, createWriteStream(file));
    for (const [path, text] of entries) await archive.add(path, text);
    await archive.finish();
    await written;
    return file;
  };

  const check = async (file: string): Promise<PackageCheck> => {
    const bytes = await readFile(file);
    return checkPackage(file, { packageSize: bytes.length, sha256: sha256(bytes) });
  };

  it('finds nothing wrong with a package whose entries are those that it lists', async () => {
    const file = await zipOf([...Object.entries(CONTENTS), ['checksums.sha256', listOf(CONTENTS)]]);
    const result = await check(file);
    expect(result.problems).toEqual([]);
    expect(result.listed).toBe(3);
    expect(result.entries.map(({ path }) => path)).toEqual([...Object.keys(CONTENTS), 'checksums.sha256']);
  });

  it('names an entry that is not as listed, one that is not listed and one that is missing', async () => {
    const list = listOf({ ...CONTENTS, 'data/accounts.json': '[ ]\n', 'data/gone.json': '[]' });
    const file = await zipOf([...Object.entries(CONTENTS), ['extra.txt', 'x'], ['checksums.sha256', list]]);
    expect((await check(file)).problems).toEqual([
      'data/accounts.json does not have the SHA-256 that checksums.sha256 states.',
      'extra.txt is not listed in checksums.sha256.',
      'data/gone.json is listed in checksums.sha256, but is not in the package.',
    ]);
  });

  it('lists every entry as unvouched for when there are no checksums', async () => {
    const result = await check(await zipOf(Object.entries(CONTENTS)));
    expect(result.problems).toHaveLength(3);
  });

  it('notices a file that is not the one the service told of', async () => {
    const file = await zipOf([...Object.entries(CONTENTS), ['checksums.sha256', listOf(CONTENTS)]]);
    const { problems } = await checkPackage(file, { packageSize: 1, sha256: sha256('another') });
    expect(problems).toEqual([
      'The file does not have the size that the service states.',
      'The file does not have the SHA-256 that the service states.',
    ]);
  });

  it('notices each bit that is turned over in the bytes of an entry', async () => {
    const file = await zipOf([...Object.entries(CONTENTS), ['checksums.sha256', listOf(CONTENTS)]]);
    const bytes = await readFile(file);
    const data = bytes.indexOf('data/accounts.json') + 'data/accounts.json'.length + 2;
    bytes.writeUInt8(bytes.readUInt8(data) ^ 0x10, data);
    await writeFile(file, bytes);
    expect((await check(file)).problems).not.toEqual([]);
  });

  it('says so when the file is no ZIP at all', async () => {
    const file = join(folder, 'no.zip');
    await writeFile(file, 'not a zip');
    const { problems } = await check(file);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^The ZIP cannot be read: /);
  });

  it('reports folders, records, what was left out and the verdict, without what could steer a terminal', async () => {
    const file = await zipOf([...Object.entries(CONTENTS), ['checksums.sha256', listOf(CONTENTS)]]);
    const report = packageReport(file, await check(file)).join('\n');
    expect(report).toMatch(/^files\/ +1 +12 B/m);
    expect(report).toMatch(/^statement files +2 +1 +1$/m);
    expect(report).toContain('files/b/b.csv: It is  [31mgone . (MISSING_OBJECT)');
    expect(report).toContain('Checked: all 3 entries');
    expect(report).not.toMatch(/[\u001b\u202e]/u);
  });

  it('reports a package that is not what it claims to be as such', async () => {
    const file = await zipOf(Object.entries(CONTENTS));
    const report = packageReport(file, await check(file)).join('\n');
    expect(report).toContain('NOT what it claims to be');
    expect(report).not.toContain('Checked:');
  });
});
