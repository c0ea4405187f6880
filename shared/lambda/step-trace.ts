import * as z from 'zod/mini';

/** What an execution was started with beside the export's id, for log lines. */
const origin = z.object({ correlationId: z.optional(z.string()), userIdHash: z.optional(z.string()) });

/** As each task of the workflow passes it on from the context object. */
const stepCall = z.object({
  input: z.unknown(),
  trace: z.object({ state: z.string(), retryCount: z.number(), execution: z.unknown() }),
});

const named = z.object({ exportId: z.string() });

/** Where the inputs of steps name their export; an ended execution has its name. */
const ofExport = z.union([
  named,
  z.pipe(
    z.object({ run: named }),
    z.transform(({ run }) => run),
  ),
  z.pipe(
    z.object({ detail: z.object({ name: z.string() }) }),
    z.transform(({ detail }) => ({ exportId: detail.name })),
  ),
]);

const exportIdOf = (input: unknown): string => ofExport.safeParse(input).data?.exportId ?? 'unknown';

/** EventBridge tells what an execution was started with as text, and nothing when it was too long. */
const endedCall = z.object({ detail: z.object({ input: z.string() }) });

type Fields = Readonly<Record<string, string | number>>;

/** A step's own input, and what log lines tell of who calls it. */
export interface CalledStep {
  readonly input: unknown;
  readonly trace: Fields;
}

const originOf = (execution: unknown): Fields => {
  const { correlationId, userIdHash } = origin.safeParse(execution).data ?? {};
  return {
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(userIdHash === undefined ? {} : { userIdHash }),
  };
};

const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * Tells the input of a step from its trace. Not every event has both: EventBridge sends its own, an operator may send a bare
 * input. A trace that is not as it should be is no reason for a step to fail.
 */
export const calledStep = (event: unknown): CalledStep => {
  const call = stepCall.safeParse(event).data;
  if (call === undefined) {
    const ended = endedCall.safeParse(event).data;
    const started = ended === undefined ? undefined : parsedJson(ended.detail.input);
    return { input: event, trace: { exportId: exportIdOf(event), ...originOf(started) } };
  }
  const { input } = call;
  const { state, retryCount, execution } = call.trace;
  const calledBy = { state, attempt: retryCount + 1, ...originOf(execution) };
  return { input, trace: { exportId: exportIdOf(input), ...calledBy } };
};
