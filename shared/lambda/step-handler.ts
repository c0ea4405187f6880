import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { InvalidStepInput, OutOfTime } from '../domain/errors.ts';
import type { StepAttempt } from '../workflow/contracts.ts';
import type { FunctionLog } from './logger.ts';

interface Step<Input, Output> {
  readonly log: FunctionLog;
  readonly input: z.ZodMiniType<Input>;
  readonly useCase: (input: Input, attempt: StepAttempt) => Promise<Output>;
}

/** What a step needs at the most to end in order: parts on their way arrive, and the upload is aborted. */
const ENDING_MS = 10_000;

/** A signal that is aborted shortly before the function is killed; one that may not run for long ends after nine tenths. */
const timeLimit = (remainingMs: number) => {
  const limit = new AbortController();
  const timer = setTimeout(
    () => {
      limit.abort(new OutOfTime('The step could not be finished in the time that its function may run.'));
    },
    Math.max(remainingMs - ENDING_MS, remainingMs * 0.9),
  );
  return { signal: limit.signal, clear: () => clearTimeout(timer) };
};

const named = z.object({
  exportId: z.string(),
  userId: z.optional(z.string()),
  correlationId: z.optional(z.string()),
});

/** Where a step's input names its export; an ended execution has its name. */
const ofExport = z.union([
  z.pipe(
    z.object({ run: named }),
    z.transform(({ run }) => run),
  ),
  named,
  z.pipe(
    z.object({ detail: z.object({ name: z.string() }) }),
    z.transform(({ detail }) => ({ exportId: detail.name })),
  ),
]);

/**
 * A workflow step as a Lambda handler: checks the input against its contract, and lets every error through by its own
 * name, because retrying and failing are the workflow's business.
 */
export const stepHandler =
  <Input, Output>({ log, input, useCase }: Step<Input, Output>) =>
  async (event: unknown, context: Context): Promise<Output> => {
    const { awsRequestId } = context;
    const startedAt = Date.now();
    const elapsed = () => ({ durationMs: Date.now() - startedAt });
    log.begin({ attemptId: awsRequestId });
    log.about(ofExport.safeParse(event).data ?? { exportId: 'unknown' });
    const limit = timeLimit(context.getRemainingTimeInMillis());
    log.info('Step started.');
    try {
      const parsed = input.safeParse(event);
      if (!parsed.success) throw new InvalidStepInput('The input of this step breaks its contract.');
      const output = await useCase(parsed.data, { attemptId: awsRequestId, signal: limit.signal });
      log.info('Step completed.', elapsed());
      return output;
    } catch (error) {
      log.failure('Step failed.', error, elapsed());
      throw error;
    } finally {
      limit.clear();
    }
  };
