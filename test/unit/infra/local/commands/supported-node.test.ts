import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const CHECK = fileURLToPath(
  new URL('../../../../../infra/local/commands/supported-node.mjs', import.meta.url),
);

const runAs = (version: string) => {
  const pretend = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });`;
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, '--import', CHECK, '-e', ''],
    { encoding: 'utf8' },
  );
  return { status, stderr };
};

describe('the check of the Node version', () => {
  it.each(['20.20.2', '22.17.1', '23.5.0'])(
    'refuses Node %s in one sentence that says what to do',
    (version) => {
      const { status, stderr } = runAs(version);
      expect(status).toBe(1);
      expect(stderr).toMatch(/^This needs Node 22\.18 or later.*\n$/);
      expect(stderr).toContain(version);
    },
  );

  it.each(['22.18.0', '22.23.2', '23.6.0', '24.0.0'])('lets Node %s through', (version) => {
    expect(runAs(version)).toEqual({ status: 0, stderr: '' });
  });
});
