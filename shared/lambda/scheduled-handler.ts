import type { Context } from 'aws-lambda';
import type { FunctionLog } from './logger.ts';

interface Scheduled<Output> {
  readonly log: FunctionLog;
  readonly useCase: (input: { readonly timeLeft: () => number }) => Promise<Output>;
}

/** A use-case that runs on a schedule as a Lambda handler: the event says nothing it needs, the time left does. */
export const scheduledHandler =
  <Output>({ log, useCase }: Scheduled<Output>) =>
  async (_event: unknown, context: Context): Promise<Output> => {
    log.begin({ attemptId: context.awsRequestId });
    try {
      return await useCase({ timeLeft: () => context.getRemainingTimeInMillis() });
    } catch (error) {
      log.failure('Scheduled run failed.', error);
      throw error;
    }
  };
