import { Validations, type App, type Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import type { UsedResources } from './permissions/function-grants.ts';

/** What cdk-nag finds and what is nevertheless as it must be. Its packs may have several names for one rule. */
interface AcknowledgedFinding {
  readonly rules: readonly string[];
  readonly reason: string;
}

const LATEST_RUNTIME: AcknowledgedFinding = {
  rules: ['AwsSolutions-L1', 'Serverless-LambdaLatestVersion'],
  reason:
    'Node 22 is what every test runs on and what package-lock.json brings along; Lambda supports it until April 2027.',
};
const DEAD_LETTERS_OF_FUNCTIONS: AcknowledgedFinding = {
  rules: ['Serverless-LambdaDLQ'],
  reason:
    'Somebody waits for the answer of every function but two, so that a dead letter queue would never be used. ' +
    'fail-export and sweep-exports have a queue as their destination on failure, which tells more than a dead letter.',
};
const QUEUES_OF_DEAD_LETTERS: AcknowledgedFinding = {
  rules: ['AwsSolutions-SQS3', 'Serverless-SQSRedrivePolicy'],
  reason:
    'Every queue of this stack is one of dead letters: of a function, a rule, a schedule or a subscription, none of ' +
    'which the rule looks at. Nothing takes messages from them but a person, whom an alarm calls.',
};
const ACCESS_LOGS: AcknowledgedFinding = {
  rules: ['AwsSolutions-S1'],
  reason:
    'Access logs would keep user ids, which are in the keys of objects, for longer than the objects and beyond their ' +
    'erasure. Who downloads what is told by events of export.downloaded.',
};

/** Objects are named after their user and export, which no policy can list; each pattern is one kind of them. */
const OBJECT_PATTERNS: readonly string[] = [
  ...['packages/*', 'interim/*', 'interim/*/*/segments/*'],
  ...['interim/*/*/plan/*.json', 'interim/*/*/verification/*.json'],
  ...['interim/*/*/accounts/*.json', 'interim/*/*/transactions/*.json', 'interim/*/*/categories/*.json'],
  ...['interim/*/*/fileMaps/*.json', 'interim/*/*/transactionFiles/*.json', 'interim/*/*/analytics/*.json'],
];

const parts = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** A resolved ARN as cdk-nag writes it: what CloudFormation will fill in stands in angle brackets. */
const asInFindings = (resolved: unknown): string => {
  if (typeof resolved === 'string') return resolved;
  if (Array.isArray(resolved)) return resolved.map(asInFindings).join('');
  if (typeof resolved !== 'object' || resolved === null) return '';
  if ('Ref' in resolved) return `<${asInFindings(resolved.Ref)}>`;
  if ('Fn::GetAtt' in resolved) return `<${parts(resolved['Fn::GetAtt']).map(asInFindings).join('.')}>`;
  return 'Fn::Join' in resolved ? asInFindings(parts(resolved['Fn::Join'])[1]) : '';
};

const wildcards = (stack: Stack, used: UsedResources, executions: string): AcknowledgedFinding => {
  const resources = [
    ...OBJECT_PATTERNS.map((pattern) => `${used.packagesBucket.arn}/${pattern}`),
    ...[`${used.application.fileBucket.arn}/*`, executions, '*'],
  ];
  return {
    rules: resources.map((arn) => `AwsSolutions-IAM5[Resource::${asInFindings(stack.resolve(arn))}]`),
    reason:
      'Objects and executions come into being all the time, so a role can name them only by what they begin with; ' +
      'which role has which is a table of its own, held by a test. X-Ray and the delivery of logs know no resources.',
  };
};

/** Has cdk-nag look at everything of an app: what it finds ends synthesis, unless it is acknowledged. */
export const lookForFindings = (app: App): void => {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
};

/** Acknowledges what cdk-nag finds in the stack and is meant to be so. */
export const acknowledgeFindings = (
  stack: Stack,
  { used, executions }: { readonly used: UsedResources; readonly executions: string },
): void => {
  const acknowledged = [
    ...[LATEST_RUNTIME, DEAD_LETTERS_OF_FUNCTIONS, QUEUES_OF_DEAD_LETTERS, ACCESS_LOGS],
    wildcards(stack, used, executions),
  ];
  for (const { rules, reason } of acknowledged) {
    // Without the name of its pack CDK would take a rule's for one of its own.
    const idOf = (rule: string): string => `${rule.split('-')[0] ?? ''}::${rule}`;
    Validations.of(stack).acknowledge(...rules.map((rule) => ({ id: idOf(rule), reason })));
  }
};
