import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { localSettings } from '../../../../infra/local/local-settings.ts';
import { startLocalSystem } from '../../../../infra/local/local-system.ts';
import { inDataFolder, makeFolder } from '../../../../infra/local/usable-folder.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'usable-folder-'));
});
afterEach(() => rm(root, { recursive: true }));

const isFolder = async (path: string): Promise<boolean> => (await stat(path)).isDirectory();

describe('a folder that is needed', () => {
  it('is made with all that are above it, and again is fine', async () => {
    const folder = join(root, 'a', 'b', 'c');
    await Promise.all([makeFolder(folder), makeFolder(folder), makeFolder(join(root, 'a', 'b', 'd'))]);
    await makeFolder(folder);
    expect([await isFolder(folder), await isFolder(join(root, 'a', 'b', 'd'))]).toEqual([true, true]);
  });

  it('may be a link to one', async () => {
    await mkdir(join(root, 'real'));
    await symlink(join(root, 'real'), join(root, 'link'));
    await makeFolder(join(root, 'link', 'within'));
    expect(await isFolder(join(root, 'real', 'within'))).toBe(true);
  });

  it.each([
    ['a file is there', 'file'],
    ['its path leads through a file', 'file/a/b'],
    ['a link is there that leads nowhere', 'dangling'],
  ])('cannot be made where %s', async (_, path) => {
    await writeFile(join(root, 'file'), 'mine');
    await symlink(join(root, 'nowhere'), join(root, 'dangling'));
    await expect(makeFolder(join(root, path))).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it('cannot be made where the system says so, and does not try for ever', async () => {
    await expect(makeFolder('/proc/nope')).rejects.toMatchObject({ syscall: 'mkdir' });
  });
});

describe('work in the data folder', () => {
  it('gives what comes of it', async () => {
    expect(await inDataFolder(root, () => Promise.resolve(7))).toBe(7);
  });

  it('that cannot have a file tells the variable, and keeps the reason', async () => {
    await expect(inDataFolder(root, () => stat(join(root, 'missing')))).rejects.toMatchObject({
      name: 'InvalidSetting',
      message: `The data folder ${root} cannot be used. Set LOCAL_DATA_DIR to a folder that you may write to.`,
      cause: { code: 'ENOENT' },
    });
  });

  it('is not begun by a system whose folder cannot be made', async () => {
    const settings = localSettings({ LOCAL_DATA_DIR: '/proc/nope' });
    await expect(startLocalSystem({ settings, sample: false })).rejects.toThrow('LOCAL_DATA_DIR');
  });

  it('that fails otherwise fails as it is', async () => {
    const error = Object.assign(new Error('connect ECONNREFUSED'), { syscall: 'connect' });
    await expect(inDataFolder(root, () => Promise.reject(error))).rejects.toBe(error);
  });
});
