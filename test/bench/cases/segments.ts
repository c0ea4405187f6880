import { LOCAL_WORKFLOW_ARN } from '../../../infra/local/export-workflow.ts';
import {
  createLambdaRunner,
  LambdaFunctionError,
  type LambdaRunner,
} from '../../../infra/local/lambda/lambda-runner.ts';
import { localFunctions } from '../../../infra/local/local-functions.ts';
import type { LocalSystem } from '../../../infra/local/local-system.ts';
import { packageSummary, type PackageSummary } from '../../../shared/domain/manifest.ts';
import { planInput, planResult, type PlanInput } from '../../../shared/workflow/contracts.ts';
import { ExportApi } from '../../support/export-api.ts';
import { MIB, medianOf, type BenchCase, type BenchRun, type ResultRow } from '../bench-case.ts';
import { benchHousehold, type BenchHousehold, type HouseholdSize } from '../bench-household.ts';
import { startBenchSystem } from '../bench-system.ts';

const S3_LATENCY_MS = 10;
const SEGMENTS = 4;
const LEAST_SPEED_UP = 1.4;

/** About 190 MB of text in files large enough that deflating is what takes the time: of small ones one segment reads and deflates on two cores already. */
const SIZE: HouseholdSize = {
  transactions: 50_000,
  files: 80,
  fileBytes: 2_000_000,
  textFilesInHundred: 100,
};

interface Collected {
  readonly system: LocalSystem;
  /** What PlanPackage is given. */
  readonly input: PlanInput;
  readonly close: () => Promise<void>;
}

/**
 * An export that has come as far as PlanPackage, and waits there while its functions are called directly, again and
 * again. In the end the step fails, and the workflow removes what was made.
 */
const collect = async (household: BenchHousehold, run: BenchRun): Promise<Collected> => {
  const planning = Promise.withResolvers<unknown>();
  const measured = Promise.withResolvers<never>();
  measured.promise.catch(() => undefined);
  const system = await startBenchSystem(run, household, {
    s3LatencyMs: S3_LATENCY_MS,
    invocationHook: {
      beforeInvoke: async (functionName, payload) => {
        if (functionName !== 'plan-package') return;
        planning.resolve(payload);
        await measured.promise;
      },
    },
  });
  try {
    const api = new ExportApi(system.apiUrl, await system.issueToken(household.userId));
    const exportId = await api.start();
    const close = async (): Promise<void> => {
      measured.reject(new LambdaFunctionError({ errorType: 'BenchEnded', errorMessage: 'All is measured.' }));
      await api.ended(exportId);
      await system.close();
    };
    return { system, input: planInput.parse(await planning.promise), close };
  } catch (error) {
    await system.close();
    throw error;
  }
};

/** One way of packing: its own function processes, which stay warm from one run to the next. */
class Way {
  readonly seconds: number[] = [];
  readonly cpuSeconds: number[] = [];
  readonly #functions: LambdaRunner;
  readonly #segments: number;

  constructor(system: LocalSystem, segments: number, segmentBytes: number) {
    this.#segments = segments;
    const { settings, endpoints } = system;
    const variables = { SEGMENT_BYTES: String(segmentBytes), SEGMENT_ENTRIES: '1000000' };
    this.#functions = createLambdaRunner({
      functions: localFunctions({ settings, endpoints, workflowArn: LOCAL_WORKFLOW_ARN }, { variables }),
    });
  }

  get peakMemoryMib(): number {
    return Math.max(...this.#functions.peakMemoryBytes().values()) / MIB;
  }

  /** From PlanPackage to the finished package. */
  async pack({ run, collected }: PlanInput): Promise<PackageSummary> {
    const cpuBefore = this.#cpuSoFar();
    const startedAt = performance.now();
    const plan = planResult.parse(await this.#functions.invoke('plan-package', { run, collected }));
    if (plan.segments.length !== this.#segments) {
      throw new Error(`The plan has ${plan.segments.length} segments, not ${this.#segments}.`);
    }
    const summary = await (plan.inOnePiece ? this.#whole(run, plan.planKey) : this.#joined(run, plan));
    this.seconds.push((performance.now() - startedAt) / 1000);
    this.cpuSeconds.push(this.#cpuSoFar() - cpuBefore);
    return summary;
  }

  /** Forgets what the first run took, in which the processes had to start. */
  warmed(): void {
    this.seconds.length = 0;
    this.cpuSeconds.length = 0;
  }

  close(): Promise<void> {
    return this.#functions.close();
  }

  async #whole(run: PlanInput['run'], planKey: string): Promise<PackageSummary> {
    return packageSummary.parse(await this.#functions.invoke('package-export', { run, planKey }));
  }

  async #joined(
    run: PlanInput['run'],
    { planKey, segments }: { planKey: string; segments: readonly number[] },
  ): Promise<PackageSummary> {
    const packed = await Promise.all(
      segments.map((segment) => this.#functions.invoke('package-segment', { run, planKey, segment })),
    );
    return packageSummary.parse(
      await this.#functions.invoke('join-package', { run, planKey, segments: packed }),
    );
  }

  #cpuSoFar(): number {
    return [...this.#functions.cpuSeconds().values()].reduce((sum, seconds) => sum + seconds, 0);
  }
}

const rowsOf = (one: Way, four: Way, packageBytes: number): ResultRow[] => {
  const whole = medianOf(one.seconds);
  const joined = medianOf(four.seconds);
  return [
    { name: 'one segment', value: whole, unit: 's' },
    { name: 'one segment: CPU of functions', value: medianOf(one.cpuSeconds), unit: 's' },
    { name: 'one segment: peak memory', value: one.peakMemoryMib, unit: 'MiB' },
    { name: 'four segments', value: joined, unit: 's', peer: { name: 'one segment', value: whole } },
    {
      name: 'four segments: CPU of functions',
      value: medianOf(four.cpuSeconds),
      unit: 's',
      peer: { name: 'one segment', value: medianOf(one.cpuSeconds) },
    },
    { name: 'four segments: peak memory', value: four.peakMemoryMib, unit: 'MiB' },
    { name: 'four segments are faster', value: whole / joined, unit: '×', atLeast: LEAST_SPEED_UP },
    { name: 'package', value: packageBytes / 1_000_000, unit: 'MB' },
  ];
};

const measure = async (run: BenchRun): Promise<ResultRow[]> => {
  const { note, repetitions, signal, given } = run;
  const size = {
    transactions: given.transactions ?? SIZE.transactions,
    files: given.files ?? SIZE.files,
    fileBytes: given.fileBytes ?? SIZE.fileBytes,
    textFilesInHundred: SIZE.textFilesInHundred,
  };
  const { system, input, close } = await collect(benchHousehold(size), run);
  const sectionBytes = input.collected.reduce((sum, { bytes }) => sum + bytes, 0);
  const sourceBytes = sectionBytes + size.files * size.fileBytes;
  const one = new Way(system, 1, sourceBytes + 1);
  const four = new Way(system, SEGMENTS, Math.ceil(sourceBytes / SEGMENTS));
  try {
    let packageBytes = 0;
    for (let repetition = 0; repetition <= repetitions; repetition += 1) {
      signal.throwIfAborted();
      const whole = await one.pack(input);
      const joined = await four.pack(input);
      if (whole.packageSize !== joined.packageSize) throw new Error('The two packages differ in size.');
      packageBytes = joined.packageSize;
      note(
        `${one.seconds.at(-1)?.toFixed(2) ?? ''} s whole, ${four.seconds.at(-1)?.toFixed(2) ?? ''} s joined`,
      );
      if (repetition === 0) {
        one.warmed();
        four.warmed();
      }
    }
    return [
      { name: 'source', value: sourceBytes / 1_000_000, unit: 'MB' },
      ...rowsOf(one, four, packageBytes),
    ];
  } finally {
    await one.close();
    await four.close();
    await close();
  }
};

export const segments: BenchCase = {
  name: 'segments',
  about: `The same text packed whole and in ${SEGMENTS} segments, with ${S3_LATENCY_MS} ms for each call of S3.`,
  measure,
};
