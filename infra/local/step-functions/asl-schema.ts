import * as z from 'zod/mini';

const path = z.optional(z.nullable(z.string()));
const seconds = z.number().check(z.int(), z.positive(), z.maximum(99_999_999));
const template = z.optional(z.unknown());
const comment = { Comment: z.optional(z.string()), QueryLanguage: z.optional(z.literal('JSONPath')) };
const transition = { Next: z.optional(z.string()), End: z.optional(z.literal(true)) };

const retrier = z.strictObject({
  Comment: z.optional(z.string()),
  ErrorEquals: z.array(z.string()).check(z.minLength(1)),
  IntervalSeconds: z.optional(seconds),
  MaxAttempts: z.optional(z.number().check(z.int(), z.minimum(0), z.maximum(99_999_999))),
  BackoffRate: z.optional(z.number().check(z.minimum(1))),
  MaxDelaySeconds: z.optional(z.number().check(z.int(), z.positive(), z.maximum(31_622_399))),
  JitterStrategy: z.optional(z.enum(['FULL', 'NONE'])),
});

const catcher = z.strictObject({
  Comment: z.optional(z.string()),
  ErrorEquals: z.array(z.string()).check(z.minLength(1)),
  ResultPath: path,
  Next: z.string(),
});

const recovery = { Retry: z.optional(z.array(retrier)), Catch: z.optional(z.array(catcher)) };
const resultFields = { ResultSelector: template, ResultPath: path };
const pathFields = { InputPath: path, OutputPath: path };

const task = z.strictObject({
  Type: z.literal('Task'),
  ...comment,
  ...transition,
  ...recovery,
  ...pathFields,
  ...resultFields,
  Parameters: template,
  Resource: z
    .string()
    .check(
      z.regex(
        /^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]{1,64}$/,
        'only the ARN of a Lambda function is supported here',
      ),
    ),
  TimeoutSeconds: z.optional(seconds),
});

const pass = z.strictObject({
  Type: z.literal('Pass'),
  ...comment,
  ...transition,
  ...pathFields,
  ResultPath: path,
  Parameters: template,
  Result: template,
});

const wait = z.strictObject({
  Type: z.literal('Wait'),
  ...comment,
  ...transition,
  ...pathFields,
  Seconds: z.optional(z.number().check(z.int(), z.minimum(0), z.maximum(99_999_999))),
  SecondsPath: z.optional(z.string()),
  Timestamp: z.optional(z.string()),
  TimestampPath: z.optional(z.string()),
});

const choice = z.strictObject({
  Type: z.literal('Choice'),
  ...comment,
  ...pathFields,
  Choices: z.array(z.looseObject({ Next: z.string() })).check(z.minLength(1)),
  Default: z.optional(z.string()),
});

const succeed = z.strictObject({ Type: z.literal('Succeed'), ...comment, ...pathFields });

const fail = z.strictObject({
  Type: z.literal('Fail'),
  ...comment,
  Error: z.optional(z.string()),
  Cause: z.optional(z.string()),
  ErrorPath: z.optional(z.string()),
  CausePath: z.optional(z.string()),
});

const parallelFields = {
  Type: z.literal('Parallel'),
  ...comment,
  ...transition,
  ...recovery,
  ...pathFields,
  ...resultFields,
  Parameters: template,
};

const mapFields = {
  Type: z.literal('Map'),
  ...comment,
  ...transition,
  ...recovery,
  ...pathFields,
  ...resultFields,
  ItemsPath: z.optional(z.string()),
  ItemSelector: template,
  MaxConcurrency: z.optional(z.number().check(z.int(), z.minimum(0))),
};

export type Retrier = z.infer<typeof retrier>;
export type Catcher = z.infer<typeof catcher>;
export type TaskState = z.infer<typeof task>;
export type PassState = z.infer<typeof pass>;
export type WaitState = z.infer<typeof wait>;
export type ChoiceState = z.infer<typeof choice>;
export type SucceedState = z.infer<typeof succeed>;
export type FailState = z.infer<typeof fail>;

/** States with where to begin: a whole machine, a branch of Parallel or the iteration of a Map. */
export interface StateSequence {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export type ParallelState = z.infer<z.ZodMiniObject<typeof parallelFields, z.core.$strict>> & {
  readonly Branches: readonly StateSequence[];
};
export type MapState = z.infer<z.ZodMiniObject<typeof mapFields, z.core.$strict>> & {
  readonly ItemProcessor: StateSequence;
};
export type State =
  TaskState | PassState | WaitState | ChoiceState | SucceedState | FailState | ParallelState | MapState;

const states = z.lazy((): z.ZodMiniType<Readonly<Record<string, State>>> => z.record(z.string(), state));
const sequenceFields = { ...comment, StartAt: z.string(), States: states };
const inlineMode = z.strictObject({ Mode: z.literal('INLINE', 'only inline Maps are supported here') });

const parallel = z.strictObject({
  ...parallelFields,
  Branches: z.array(z.strictObject(sequenceFields)).check(z.minLength(1)),
});

const map = z.strictObject({
  ...mapFields,
  ItemProcessor: z.strictObject({ ...sequenceFields, ProcessorConfig: z.optional(inlineMode) }),
});

const state: z.ZodMiniType<State> = z.discriminatedUnion('Type', [
  task,
  pass,
  wait,
  choice,
  succeed,
  fail,
  parallel,
  map,
]);

/** The part of the Amazon States Language that runs here: JSONPath, Lambda functions by ARN, inline Maps. Unknown fields are refused. */
export const stateMachineSchema = z.strictObject({
  ...sequenceFields,
  Version: z.optional(z.literal('1.0')),
  TimeoutSeconds: z.optional(seconds),
});

export type StateMachineDefinition = z.infer<typeof stateMachineSchema>;
