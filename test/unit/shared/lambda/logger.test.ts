import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { hashedUserId } from '../../../../shared/domain/hashed-user-id.ts';

let lines: Record<string, unknown>[];
let output: string;

beforeAll(async () => {
  // A process of its own, because what counts is what arrives at its standard output and error.
  const script = fileURLToPath(new URL('fixtures/log-lines.ts', import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script]);
  output = stdout + stderr;
  lines = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
});

const line = (message: string) => lines.find((candidate) => candidate['message'] === message);

describe('a line of the log', () => {
  it('is JSON with the function, the message and its fields', () => {
    expect(line('Said.')).toMatchObject({
      level: 'INFO',
      service: 'start-export',
      exportId: 'export-1',
      count: 7,
      whole: true,
    });
    expect(line('Warned.')).toMatchObject({ level: 'WARN' });
  });

  it('tells an error by its name and that of its cause, and never quotes a foreign one', () => {
    expect(line('Foreign.')).toMatchObject({ level: 'ERROR', errorName: 'ResourceNotFoundException' });
    expect(line('Wrapped.')).toMatchObject({
      errorName: 'ServiceUnavailable',
      causeName: 'ThrottlingException',
    });
    expect(output).not.toContain('secret');
  });

  it('can tell even what is no error', () => {
    expect(line('Text.')).toMatchObject({ errorName: 'string' });
    expect(line('Nothing.')).toMatchObject({ errorName: 'undefined' });
  });

  it('tells of the invocation and of whom it is about, and of nobody else', () => {
    const userIdHash = hashedUserId('secret');
    expect(line('About one.')).toMatchObject({
      ...{ state: 'BeginExport', attempt: 2, exportId: 'export-2', userIdHash },
      correlationId: 'correlation-2',
    });
    expect(line('About another.')).toMatchObject({ state: 'BeginExport', attempt: 2, exportId: 'export-3' });
    expect(line('About another.')).not.toHaveProperty('userIdHash');
    expect(line('About another.')).not.toHaveProperty('correlationId');
    expect(line('About nobody.')).toMatchObject({ state: 'CompleteExport' });
    expect(line('About nobody.')).not.toHaveProperty('attempt');
    expect(line('About nobody.')).not.toHaveProperty('exportId');
  });

  it('names a user by something that is always the same and tells nobody who it is', () => {
    expect(hashedUserId('user-1')).toBe(hashedUserId('user-1'));
    expect(hashedUserId('user-1')).not.toBe(hashedUserId('user-2'));
    expect(hashedUserId('user-1')).toMatch(/^[0-9a-f]{16}$/);
  });
});
