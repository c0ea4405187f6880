import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Runs `soak.test.ts` under Jest, whose matchers the invariants speak in. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const JEST = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
];

const wholeNumber = (name: string, text: string): string => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new RangeError(`--${name} must be a whole number from 1.`);
  return text;
};

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    schedules: { type: 'string', default: '500' },
    only: { type: 'string' },
  },
});

const environment = {
  SOAK_SEED: wholeNumber('seed', values.seed),
  SOAK_SCHEDULES: wholeNumber('schedules', values.schedules),
  ...(values.only === undefined ? {} : { SOAK_ONLY: wholeNumber('only', values.only) }),
};

const jest = spawn(process.execPath, [...JEST, 'test/faults/soak.test.ts'], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, ...environment },
});
const [code] = (await once(jest, 'exit')) as [number | null];
process.exitCode = code ?? 1;
