import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const COMMANDS = fileURLToPath(new URL('../../infra/local/commands/', import.meta.url));
const START_TIMEOUT_MS = 120_000;

type Command = 'demo' | 'start' | 'export' | 'token' | 'status' | 'retry';

interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const outcomeOf = async (child: ChildProcess): Promise<Outcome> => {
  const [stdout, stderr, [exitCode]] = await Promise.all([
    child.stdout === null ? '' : text(child.stdout),
    child.stderr === null ? '' : text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { exitCode, stdout, stderr };
};

/** Whether anything of the process group that a detached child leads still lives. */
const groupIsAlive = (child: ChildProcess): boolean => {
  try {
    return process.kill(-(child.pid ?? 0), 0);
  } catch {
    return false;
  }
};

describe('the commands', () => {
  let folder: string;
  let dataDir: string;
  let demo: ChildProcess;
  let demoOutcome: Outcome;

  /** Starts a command as npm does, in a folder of its own, without the settings of whoever runs the tests. */
  const startCommand = (
    name: Command,
    args: readonly string[] = [],
    variables: object = {},
  ): ChildProcess => {
    const flags = ['--disable-warning=ExperimentalWarning', '--import', join(COMMANDS, 'supported-node.mjs')];
    return spawn(process.execPath, [...flags, join(COMMANDS, `${name}.ts`), ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, LOCAL_DATA_DIR: dataDir, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
  };
  const run = (name: Command, args?: readonly string[], variables?: object): Promise<Outcome> =>
    outcomeOf(startCommand(name, args, variables));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'commands-'));
    dataDir = join(folder, 'household');
    demo = startCommand('demo');
    demoOutcome = await outcomeOf(demo);
  }, START_TIMEOUT_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const sha256Of = async (file: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(join(folder, file)))
      .digest('hex');

  describe('demo', () => {
    it('exports the sample household and ends with 0', () => {
      expect(demoOutcome).toMatchObject({ exitCode: 0, stderr: '' });
    });

    it('shows progress by phase and section, line by line where no terminal is', () => {
      expect(demoOutcome.stdout).toMatch(/^ *\d+ % {2}(?:initiated|collecting data|building package)/m);
      expect(demoOutcome.stdout).toMatch(
        /^100 % {2}completed: accounts 6, transactions 1\d,\d{3}, categories \d+, file maps \d+, statement files 80, analytics \d+$/m,
      );
      expect(demoOutcome.stdout).not.toContain('\u001b');
    });

    it('tells what is in the package and that every entry is as its checksums say', () => {
      expect(demoOutcome.stdout).toMatch(/^ +2\.2 MB \([\d,]+ bytes\), 90 entries$/m);
      expect(demoOutcome.stdout).toMatch(/^statement files +80 +80 +0$/m);
      expect(demoOutcome.stdout).toContain('The package is complete: nothing was left out.');
      expect(demoOutcome.stdout).toContain('Checked: every byte belongs to the package');
    });

    it('leaves the package it told of in the current folder', async () => {
      const packages = (await readdir(folder)).filter((name) => name.startsWith('household-export-'));
      const digests = await Promise.all(packages.map(sha256Of));
      expect(digests).toContain(/SHA-256 ([0-9a-f]{64})/.exec(demoOutcome.stdout)?.[1]);
    });

    it('prints no token and no link', () => {
      expect(demoOutcome.stdout).not.toMatch(/eyJ|X-Amz-|Signature/);
    });

    it('leaves no process behind', () => {
      expect(groupIsAlive(demo)).toBe(false);
    });
  });

  describe('a service that runs', () => {
    let service: ChildProcess;
    let ready: Record<string, string>;
    let served: Promise<Outcome>;

    const serve = async (): Promise<void> => {
      service = startCommand('start', ['--json']);
      served = outcomeOf(service);
      const line = await Promise.race([
        new Promise<string>((resolve) =>
          service.stdout?.once('data', (chunk: Buffer) => resolve(String(chunk))),
        ),
        served.then(({ stderr }) => Promise.reject(new Error(stderr))),
      ]);
      ready = JSON.parse(line) as Record<string, string>;
    };
    const stopServing = (): Promise<Outcome> => {
      service.kill('SIGTERM');
      return served;
    };

    beforeAll(serve, START_TIMEOUT_MS);
    afterAll(() => stopServing(), START_TIMEOUT_MS);

    it('says in one line of JSON where everything is', () => {
      const url = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect(ready).toEqual({
        page: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
        api: url,
        dynamodb: url,
        s3: url,
        stepfunctions: url,
        eventbridge: url,
        dataDir,
        region: 'us-east-1',
        accessKeyId: expect.any(String),
        secretAccessKey: expect.any(String),
      });
    });

    it('is found by export, which saves a checked package under the given name', async () => {
      const { exitCode, stdout, stderr } = await run('export', [
        '--type',
        'accounts_only',
        '--out',
        'mine.zip',
      ]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toMatch(/^accounts +6 +6 +0$/m);
      expect(stdout).not.toMatch(/^transactions +\d/m);
      expect(stdout).toContain(await sha256Of('mine.zip'));
    });

    it('takes the token of any user, and exports that user', async () => {
      const token = await run('token', ['sample-user-2']);
      expect(token).toMatchObject({ exitCode: 0, stderr: '' });
      expect(token.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
      const variables = { EXPORT_API_URL: ready['api'], EXPORT_TOKEN: token.stdout.trim() };
      const { exitCode, stdout } = await run('export', ['--type', 'accounts_only', '--out', 'second.zip'], {
        ...variables,
        LOCAL_DATA_DIR: join(folder, 'elsewhere'),
      });
      expect(exitCode).toBe(0);
      expect(stdout).not.toMatch(/^accounts +6 /m);
    });

    it('lists executions with their jobs, and shows the states of one', async () => {
      const list = await run('status');
      expect(list.exitCode).toBe(0);
      const exportId = /^([0-9a-f-]{36}) +SUCCEEDED .* completed +100 /m.exec(list.stdout)?.[1] ?? '';
      const states = await run('status', [exportId]);
      expect(states.exitCode).toBe(0);
      expect(states.stdout).toMatch(/^Execution: SUCCEEDED, started /m);
      expect(states.stdout).toMatch(/^ {2}CollectAccounts +\+\S+ s +\S+ s +1 +done$/m);
      expect(states.stdout).toMatch(/^CompleteExport .* done$/m);
    });

    it('is found by retry, which refuses what has not failed', async () => {
      const { stdout } = await run('status');
      const exportId = /^([0-9a-f-]{36}) +SUCCEEDED /m.exec(stdout)?.[1] ?? '';
      const { exitCode, stderr } = await run('retry', [exportId]);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/^error: Only a failed export can be retried: \S+ has completed: /);
    });

    it('has its folder alone: a second start and a demo on it are refused in one line', async () => {
      for (const { exitCode, stderr } of await Promise.all([run('start', ['--json']), run('demo')])) {
        expect(exitCode).toBe(1);
        expect(stderr).toMatch(/^error: A service runs on .*LOCAL_DATA_DIR.*\n$/);
      }
    });

    it(
      'ends with 0 at SIGTERM, goes on with a running export after the next start',
      async () => {
        const client = startCommand('export', ['--analytics', '--out', 'resumed.zip']);
        const clientOutcome = outcomeOf(client);
        const started = String((await once(client.stdout ?? client, 'data'))[0]);
        const exportId = /^Export (\S+)/.exec(started)?.[1] ?? '';
        client.kill('SIGINT');
        const stopped = await clientOutcome;
        expect(stopped.exitCode).toBe(1);
        expect(stopped.stderr).toContain(`npm run export -- --id ${exportId}`);

        const leader = service;
        const outcome = await stopServing();
        expect(outcome.exitCode).toBe(0);
        expect(outcome.stdout.split('\n')).toEqual([expect.stringMatching(/^\{.*\}$/), '']);
        expect(groupIsAlive(leader)).toBe(false);
        expect((await run('status')).stderr).toMatch(/^error: No local service is running on /);

        await serve();
        const { exitCode, stderr } = await run('export', ['--id', exportId, '--out', 'resumed.zip']);
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      },
      START_TIMEOUT_MS,
    );
  });

  describe('wrong use', () => {
    it.each([
      'demo --fast',
      'demo --out no/such/folder/x.zip',
      'start --json now',
      'export --type everything',
      'export --id x --description y',
      'export --token t --user u',
      'export --url ftp://example.invalid',
      'export --url https://example.invalid',
      'token',
      'status --limit 0',
      'status --state-machine mine',
      'retry',
      'retry x --active-cap 0',
      'retry x --state-machine arn:aws:states:eu-central-1:123456789012:stateMachine:mine',
    ])('ends with 2 and says what is wrong: %s', async (line) => {
      const [name, ...args] = line.split(' ');
      const { exitCode, stdout, stderr } = await run(name as Command, args);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toMatch(/^error: .+\n/);
      expect(stderr).not.toMatch(/^\s+at /m);
    });

    it.each<[Command, string, string]>([
      ['start', 'LOCAL_S3_PORT', 'many'],
      ['start', 'AWS_ENDPOINT_URL_S3', 'localhost:4566'],
      ['start', 'AWS_ENDPOINT_URL_DYNAMODB', 'http://127.0.0.1:9'],
      ['demo', 'AWS_ENDPOINT_URL_SFN', 'http://no-such-host.invalid'],
      ['start', 'LOCAL_DATA_DIR', '/proc/nope'],
      ['start', 'LOCAL_DATA_DIR', '/proc'],
      ['demo', 'LOCAL_DATA_DIR', '/dev/null/household'],
      ['token', 'LOCAL_DATA_DIR', '/proc/nope'],
    ])('names a variable that cannot be used: %s with %s=%s', async (name, variable, value) => {
      const child = startCommand(name, name === 'token' ? ['user-1'] : [], {
        LOCAL_DATA_DIR: join(folder, 'unused'),
        [variable]: value,
      });
      const { exitCode, stderr } = await outcomeOf(child);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/^error: .+\n$/);
      expect(stderr).toContain(variable);
      expect(stderr).toContain(value);
      expect(groupIsAlive(child)).toBe(false);
    });
  });

  it.each<Command>(['demo', 'start', 'export', 'token', 'status', 'retry'])(
    'explains %s with --help',
    async (name) => {
      const { exitCode, stdout, stderr } = await run(name, ['--help']);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toMatch(/^Usage: npm /);
    },
  );

  it.each(['LOCAL_DYNAMODB_PORT', 'LOCAL_S3_PORT', 'LOCAL_API_PORT'])(
    'says which port is taken, that %s sets it, and leaves nothing running',
    async (variable) => {
      const holder = createServer().listen(0, '127.0.0.1');
      await once(holder, 'listening');
      const { port } = holder.address() as { port: number };
      const child = startCommand('start', ['--json', '--no-sample'], {
        LOCAL_DATA_DIR: join(folder, 'taken'),
        [variable]: String(port),
      });
      const { exitCode, stdout, stderr } = await outcomeOf(child);
      holder.close();
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toBe(
        `error: Port ${port} is in use. Stop the program that holds it or choose another port. ${variable} sets it. --help tells more.\n`,
      );
      expect(groupIsAlive(child)).toBe(false);
    },
  );
});
