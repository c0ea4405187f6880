import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../infra/local/local-identity.ts';
import { ENDPOINT_VARIABLES } from '../../infra/local/local-settings.ts';
import { NODE_OPTIONS } from '../../shared/lambda/environment.ts';
import { MIB, medianOf, type BenchRun, type ResultRow } from './bench-case.ts';

/** What a stage tells of its work beside what it took, such as bytes. */
export type Told = Readonly<Record<string, number>>;

/** A piece of work: prepared with its settings, then done once while it is measured. */
export type Stage<Settings> = (settings: Settings) => Promise<() => Promise<Told>>;

export interface StageResult {
  readonly seconds: number;
  /** Of the process itself, while it did the work; not of processes that it started. */
  readonly cpuSeconds: number;
  /** Largest resident set of the process, its start included. */
  readonly peakMemoryBytes: number;
  readonly told: Told;
}

export interface StageMessage {
  readonly result?: StageResult;
  readonly failure?: string;
}

/** Where the clients of the process under test reach AWS. */
interface Endpoints {
  readonly dynamodb?: string;
  readonly s3?: string;
}

const PROCESS_FILE = fileURLToPath(new URL('stage-process.ts', import.meta.url));

/** As a function's process has it. */
const environmentOf = ({ dynamodb, s3 }: Endpoints): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  TZ: 'UTC',
  HOME: tmpdir(),
  TMPDIR: tmpdir(),
  NODE_OPTIONS,
  AWS_REGION: LOCAL_REGION,
  AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
  ...(dynamodb === undefined ? {} : { [ENDPOINT_VARIABLES.dynamodb]: dynamodb }),
  ...(s3 === undefined ? {} : { [ENDPOINT_VARIABLES.s3]: s3 }),
});

type SettingsOf<Known> = Known extends Stage<infer Settings> ? Settings : never;

/** Does stages of a module, each in a fresh process with nothing else in it. */
export const stagesOf =
  <Known>(module: URL, endpoints: Endpoints, signal: AbortSignal) =>
  async <Name extends keyof Known & string>(
    name: Name,
    settings: SettingsOf<Known[Name]>,
  ): Promise<StageResult> => {
    const child = fork(PROCESS_FILE, [module.href, name], {
      env: environmentOf(endpoints),
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      signal,
    });
    const closed = once(child, 'close');
    child.send({ settings });
    const [message] = (await Promise.race([once(child, 'message'), closed.then(() => [{}])])) as [
      StageMessage,
    ];
    await closed;
    if (message.result === undefined) throw new Error(`${name} failed: ${message.failure ?? 'it ended.'}`);
    return message.result;
  };

const middle = (results: readonly StageResult[], value: (result: StageResult) => number | undefined) =>
  medianOf(results.map((result) => value(result) ?? NaN));

/** The median of everything that was measured, each for itself. */
export const medianResult = (results: readonly StageResult[]): StageResult => ({
  seconds: middle(results, ({ seconds }) => seconds),
  cpuSeconds: middle(results, ({ cpuSeconds }) => cpuSeconds),
  peakMemoryBytes: middle(results, ({ peakMemoryBytes }) => peakMemoryBytes),
  told: Object.fromEntries(
    Object.keys(results[0]?.told ?? {}).map((name) => [name, middle(results, ({ told }) => told[name])]),
  ),
});

/** Ways to do a work, in turns, so that whatever else the machine does befalls all of them; each one's median. */
export const measureInTurns = async <Name extends string>(
  ways: Readonly<Record<Name, () => Promise<StageResult>>>,
  { repetitions, signal, note }: Pick<BenchRun, 'repetitions' | 'signal' | 'note'>,
): Promise<Readonly<Record<Name, StageResult>>> => {
  const names = Object.keys(ways) as Name[];
  const results = new Map<Name, StageResult[]>(names.map((name) => [name, []]));
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    for (const name of names) {
      signal.throwIfAborted();
      const result = await ways[name]();
      results.get(name)?.push(result);
      note(`${name}: ${result.seconds.toFixed(2)} s`);
    }
  }
  return Object.fromEntries(names.map((name) => [name, medianResult(results.get(name) ?? [])])) as Record<
    Name,
    StageResult
  >;
};

/** What doing a work took, against another way of doing it, if one is given. */
export const stageRows = (
  name: string,
  { seconds, cpuSeconds, peakMemoryBytes }: StageResult,
  time: Partial<ResultRow> = {},
): ResultRow[] => [
  { name, value: seconds, unit: 's', plotted: true, ...time },
  { name: `${name}: CPU`, value: cpuSeconds, unit: 's' },
  { name: `${name}: peak memory`, value: peakMemoryBytes / MIB, unit: 'MiB' },
];
