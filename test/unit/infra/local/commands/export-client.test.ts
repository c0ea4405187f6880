import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createExportClient } from '../../../../../infra/local/commands/export-client.ts';
import { followExport, type FinishedExport } from '../../../../../infra/local/commands/follow-export.ts';
import { downloadPackage } from '../../../../../infra/local/commands/package-download.ts';
import { listenOnLoopback, type LocalServer } from '../../../../../infra/local/local-server.ts';

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** Ends the connection in the middle. */
  readonly cut?: boolean;
}

const PACKAGE = 'the bytes of a package';
const SHA256 = createHash('sha256').update(PACKAGE).digest('hex');
const FINISHED = { exportFormat: 'zip', packageSize: PACKAGE.length, sha256: SHA256 } as const;

const statusBody = (status: string, more: object = {}) => ({
  exportId: 'e1',
  exportFormat: 'zip',
  status,
  progress: 5,
  currentPhase: null,
  error: null,
  packageSize: null,
  sha256: null,
  sections: {},
  ...more,
});

describe('the client of the export service', () => {
  let server: LocalServer;
  let folder: string;
  let answers: Answer[];
  let received: IncomingMessage[];
  let waits: string[];
  let stop: AbortController;

  const http = (): Server =>
    createServer((request, response) => {
      received.push(request);
      const { status, headers, body, cut } = answers.shift() ?? { status: 500 };
      response.writeHead(status, { ...headers, ...(cut ? { 'content-length': '1000' } : {}) });
      const text = typeof body === 'string' ? body : JSON.stringify(body ?? {});
      if (cut) response.write(text, () => response.destroy());
      else response.end(status === 304 ? undefined : text);
    });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'export-client-'));
    answers = [];
    received = [];
    waits = [];
    stop = new AbortController();
    server = await listenOnLoopback(http(), 0);
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  const client = (url = server.url) =>
    createExportClient({
      url,
      token: 'secret-token',
      signal: stop.signal,
      onWait: (line) => waits.push(line),
    });
  const now = { 'retry-after': '0' };
  const link = (): Answer => ({
    status: 200,
    body: { downloadUrl: `${server.url}/package?signature=abc`, fileName: 'household.zip', ...FINISHED },
  });
  const download = (out?: string, finished: FinishedExport = FINISHED) =>
    downloadPackage(client(), 'e1', finished, { out: out ?? folder, signal: stop.signal });

  it('waits when the service is busy and repeats the request with the same Idempotency-Key', async () => {
    answers = [
      { status: 429, headers: now, body: { detail: 'At most 2 exports can be active at a time.' } },
      { status: 503, headers: now, body: { message: 'Service Unavailable' } },
      { status: 202, body: { exportId: 'e1' } },
    ];
    const body = { exportType: 'complete', includeAnalytics: false } as const;
    await expect(client().start(body, 'key-1')).resolves.toBe('e1');
    expect(received.map(({ headers }) => headers['idempotency-key'])).toEqual(['key-1', 'key-1', 'key-1']);
    expect(waits).toHaveLength(2);
    expect(waits[0]).toContain('At most 2 exports can be active at a time.');
  });

  it('tells each field that the service refuses', async () => {
    const errors = [{ pointer: '/exportType', detail: 'Must be one of a, b.' }];
    answers = [{ status: 400, body: { detail: 'Fields are wrong.', errors } }];
    const start = client().start({ exportType: 'x' as 'complete' }, 'key-1');
    await expect(start).rejects.toThrow(
      'The service answered POST /export with 400. Fields are wrong. exportType: Must be one of a, b.',
    );
  });

  it('says so when what answers is not the service', async () => {
    answers = [
      { status: 200, body: '<html>Welcome</html>' },
      { status: 200, body: statusBody('processing', { progress: 'some' }) },
      { status: 502, headers: now, body: '<html>Bad gateway</html>' },
      { status: 404, body: '<html>Nothing here</html>' },
    ];
    const foreign = "GET /export/e1/status was answered with something that is not this service's.";
    await expect(client().status('e1')).rejects.toThrow(foreign);
    await expect(client().status('e1')).rejects.toThrow(foreign);
    await expect(client().status('e1')).rejects.toThrow('with 404. Not Found');
  });

  it('gives up at once on a URL where nobody has ever answered', async () => {
    const nobody = await listenOnLoopback(http(), 0);
    await nobody.close();
    await expect(client(nobody.url).status('e1')).rejects.toThrow(/cannot be reached: .*ECONNREFUSED/);
    expect(waits).toEqual([]);
  });

  it('asks with the last ETag until the export has ended, and shows only what is new', async () => {
    answers = [
      { status: 200, headers: { ...now, etag: '"1"' }, body: statusBody('processing') },
      { status: 304, headers: { ...now, etag: '"1"' } },
      { status: 200, headers: { etag: '"2"' }, body: statusBody('completed', FINISHED) },
    ];
    const shown: string[] = [];
    const finished = await followExport(client(), 'e1', {
      signal: stop.signal,
      onStatus: ({ status }) => shown.push(status),
    });
    expect(finished).toEqual(FINISHED);
    expect(shown).toEqual(['processing', 'completed']);
    expect(received.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"', '"1"']);
  });

  it('says why an export failed', async () => {
    answers = [{ status: 200, body: statusBody('failed', { error: 'The source was not available.' }) }];
    const following = followExport(client(), 'e1', { signal: stop.signal, onStatus: () => undefined });
    await expect(following).rejects.toThrow('The export failed: The source was not available.');
  });

  it('downloads without its token, and never replaces a file that nobody named', async () => {
    await writeFile(join(folder, 'household.zip'), 'older');
    answers = [link(), { status: 200, body: PACKAGE }];
    await expect(download()).resolves.toBe(join(folder, 'household-2.zip'));
    expect(received.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret-token', undefined]);
    expect(await readFile(join(folder, 'household-2.zip'), 'utf8')).toBe(PACKAGE);
    expect(await readFile(join(folder, 'household.zip'), 'utf8')).toBe('older');
  });

  it('replaces the file that was named, but only by a whole package', async () => {
    const out = join(folder, 'mine.zip');
    await writeFile(out, 'older');
    const broken: Answer[] = [link(), { status: 200, body: PACKAGE.replace('bytes', 'bites') }];
    answers = [...broken, ...broken, ...broken];
    await expect(download(out)).rejects.toThrow(/does not have the SHA-256 of the package/);
    expect(await readFile(out, 'utf8')).toBe('older');
    answers = [link(), { status: 200, body: PACKAGE }];
    await expect(download(out)).resolves.toBe(out);
    expect(await readFile(out, 'utf8')).toBe(PACKAGE);
    expect(await readdir(folder)).toEqual(['mine.zip']);
  });

  it('saves a package of which the service has no hash, when it has its size', async () => {
    const finished = { ...FINISHED, sha256: null };
    const unhashed = { ...link(), body: { ...(link().body as object), sha256: null } };
    answers = [
      { status: 200, body: statusBody('completed', finished) },
      ...[unhashed, { status: 200, body: `${PACKAGE}!` }, unhashed, { status: 200, body: PACKAGE }],
    ];
    const followed = await followExport(client(), 'e1', { signal: stop.signal, onStatus: () => undefined });
    expect(followed).toEqual(finished);
    expect(await readFile(await download(undefined, followed), 'utf8')).toBe(PACKAGE);
    expect(answers).toEqual([]);
  });

  it('refuses a link to another package than the status tells of', async () => {
    answers = [link()];
    await expect(download(undefined, { ...FINISHED, sha256: null })).rejects.toThrow('another package');
  });

  it('fetches again with a new link when a download breaks off or a link is over', async () => {
    answers = [
      link(),
      { status: 200, body: PACKAGE.slice(0, 5), cut: true },
      link(),
      { status: 403, body: '<Error/>' },
      link(),
      { status: 200, body: PACKAGE },
    ];
    await download();
    expect(await readFile(join(folder, 'household.zip'), 'utf8')).toBe(PACKAGE);
    expect(await readdir(folder)).toEqual(['household.zip']);
  });

  it('never shows the link when the download fails for good', async () => {
    const refused: Answer[] = [link(), { status: 403, body: 'signature=abc' }];
    answers = [...refused, ...refused, ...refused];
    const failure = await download().catch((error: unknown) => error);
    expect(String(failure)).toContain('403');
    expect(String(failure)).not.toContain('signature');
  });

  it('keeps a hostile file name inside the folder', async () => {
    const { body } = link();
    answers = [
      { status: 200, body: { ...(body as object), fileName: '../../evil\u001b.zip' } },
      { status: 200, body: PACKAGE },
    ];
    const file = await download();
    expect(await readdir(folder)).toHaveLength(1);
    expect(file.startsWith(folder)).toBe(true);
  });
});
