import * as z from 'zod/mini';
import type { Transition, WorkflowSequence, WorkflowState } from '../../web/browser/executions/replies.ts';

/** What is drawn of a definition; it may hold more than the embedded Step Functions runs. */
const choiceRule = z.looseObject({ Next: z.string() });
const catcher = z.looseObject({ ErrorEquals: z.array(z.string()), Next: z.string() });

interface AslSequence {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, AslState>>;
}

const sequence: z.ZodMiniType<AslSequence> = z.lazy(() =>
  z.looseObject({ StartAt: z.string(), States: z.record(z.string(), state) }),
);

const state = z.looseObject({
  Type: z.string(),
  Comment: z.optional(z.string()),
  Resource: z.optional(z.string()),
  Next: z.optional(z.string()),
  Default: z.optional(z.string()),
  Choices: z.optional(z.array(choiceRule)),
  Catch: z.optional(z.array(catcher)),
  Branches: z.optional(z.array(sequence)),
  ItemProcessor: z.optional(sequence),
});
type AslState = z.infer<typeof state>;

const rule = z.record(z.string(), z.unknown());

const joined = (rules: unknown, word: string): string =>
  z
    .array(z.unknown())
    .parse(rules)
    .map((one) => `(${ruleText(one)})`)
    .join(word);

const NO_COMPARISON = ['Variable', 'Next', 'Comment'];

/** A choice rule as one reads it: `$.segments IsPresent true`. */
const ruleText = (given: unknown): string => {
  const { Variable, And, Or, Not, ...rest } = rule.parse(given);
  if (And !== undefined) return joined(And, ' and ');
  if (Or !== undefined) return joined(Or, ' or ');
  if (Not !== undefined) return `not (${ruleText(Not)})`;
  const [operator = '', value] = Object.entries(rest).find(([name]) => !NO_COMPARISON.includes(name)) ?? [];
  return `${String(Variable)} ${operator} ${JSON.stringify(value)}`;
};

const transitionsOf = ({ Next, Default, Choices = [], Catch = [] }: AslState): Transition[] => [
  ...(Next === undefined ? [] : [{ to: Next, kind: 'next' as const, when: '' }]),
  ...Choices.map((one) => ({ to: one.Next, kind: 'choice' as const, when: ruleText(one) })),
  ...(Default === undefined ? [] : [{ to: Default, kind: 'default' as const, when: '' }]),
  ...Catch.map((one) => ({ to: one.Next, kind: 'catch' as const, when: one.ErrorEquals.join(', ') })),
];

const innerOf = ({ Branches, ItemProcessor }: AslState): readonly AslSequence[] =>
  Branches ?? (ItemProcessor === undefined ? [] : [ItemProcessor]);

const stateOf = ([name, given]: [string, AslState]): WorkflowState => ({
  name,
  type: given.Type,
  comment: given.Comment ?? '',
  functionName: given.Resource?.split(':').at(-1) ?? '',
  transitions: transitionsOf(given),
  inner: innerOf(given).map(sequenceOf),
});

const sequenceOf = ({ StartAt, States }: AslSequence): WorkflowSequence => ({
  startAt: StartAt,
  states: Object.entries(States).map(stateOf),
});

/** The states of a definition in Amazon States Language and the ways between them. @throws where it is none */
export const workflowOf = (definition: string): WorkflowSequence =>
  sequenceOf(sequence.parse(JSON.parse(definition)));
