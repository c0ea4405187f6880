import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A program nobody here wrote that unpacks ZIPs. */
export interface ArchiveTool {
  readonly name: string;
  readonly isThere: () => boolean;
  /** Reads every entry and checks its CRC; throws when the tool finds anything wrong. */
  readonly test: (zip: string) => void;
  readonly unpack: (zip: string, folder: string) => void;
}

/** Names beyond ASCII are only written as they are where the locale is UTF-8. */
const run = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, {
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });

const runs =
  (program: string, ...args: readonly string[]) =>
  (): boolean => {
    try {
      run(program, ...args);
      return true;
    } catch {
      return false;
    }
  };

const TEST_BY_PYTHON =
  'import sys, zipfile\nbad = zipfile.ZipFile(sys.argv[1]).testzip()\nassert bad is None, bad';
const UNPACK_BY_PYTHON = 'import sys, zipfile\nzipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])';

export const ARCHIVE_TOOLS: readonly ArchiveTool[] = [
  {
    name: 'Python zipfile',
    isThere: runs('python3', '--version'),
    test: (zip) => run('python3', '-c', TEST_BY_PYTHON, zip),
    unpack: (zip, folder) => run('python3', '-c', UNPACK_BY_PYTHON, zip, folder),
  },
  {
    name: 'Info-ZIP unzip',
    isThere: runs('unzip', '-v'),
    test: (zip) => run('unzip', '-tqq', zip),
    unpack: (zip, folder) => run('unzip', '-qq', zip, '-d', folder),
  },
  {
    name: '7-Zip',
    isThere: runs('7z', 'i'),
    test: (zip) => run('7z', 't', '-y', zip),
    unpack: (zip, folder) => run('7z', 'x', '-y', `-o${folder}`, zip),
  },
];

/** Every file below a folder, by its path with slashes. */
export const filesBelow = (folder: string): Map<string, Buffer> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(folder, path).replaceAll('\\', '/'), readFileSync(path)]),
  );
