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

/** CDK's own function, its role and its permissions, by which the page's files come into their bucket. */
const UPLOADER: AcknowledgedFinding = {
  rules: [
    ...[
      'AwsSolutions-L1',
      'Serverless-LambdaLatestVersion',
      'Serverless-LambdaDLQ',
      'Serverless-LambdaTracing',
    ],
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    ...['GetBucket*', 'GetObject*', 'List*', 'Abort*', 'DeleteObject*'].map(
      (action) => `AwsSolutions-IAM5[Action::s3:${action}]`,
    ),
    // CloudFront's invalidations know no resources here.
    'AwsSolutions-IAM5[Resource::*]',
  ],
  reason:
    'The function that puts the page into its bucket is a part of CDK, which says what it is made of; it runs only while ' +
    'the stack is deployed, reads the assets of deployments and writes nothing but the files of the page.',
};
const PUBLIC_PAGE: AcknowledgedFinding = {
  rules: ['AwsSolutions-S1', 'AwsSolutions-CFR1', 'AwsSolutions-CFR2', 'AwsSolutions-CFR3'],
  reason:
    'The page is for everybody everywhere and holds no data; those come from the API, which throttles, asks for a token ' +
    'and has an access log. Who only looks at the page needs to be in no log.',
};
const CLOUDFRONT_CERTIFICATE: AcknowledgedFinding = {
  rules: ['AwsSolutions-CFR4'],
  reason:
    "Under CloudFront's own domain CloudFront decides on the versions of TLS; with pageDomain it is 1.2 or later.",
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

const acknowledge = (stack: Stack, acknowledged: readonly AcknowledgedFinding[]): void => {
  for (const { rules, reason } of acknowledged) {
    // Without the name of its pack CDK would take a rule's for one of its own.
    const idOf = (rule: string): string => `${rule.split('-')[0] ?? ''}::${rule}`;
    Validations.of(stack).acknowledge(...rules.map((rule) => ({ id: idOf(rule), reason })));
  }
};

/** Acknowledges what cdk-nag finds in the stack and is meant to be so. */
export const acknowledgeFindings = (
  stack: Stack,
  { used, executions }: { readonly used: UsedResources; readonly executions: string },
): void => {
  acknowledge(stack, [
    ...[LATEST_RUNTIME, DEAD_LETTERS_OF_FUNCTIONS, QUEUES_OF_DEAD_LETTERS, ACCESS_LOGS],
    wildcards(stack, used, executions),
  ]);
};

/** The same for the stack of the page. */
export const acknowledgePageFindings = (
  stack: Stack,
  { bucketArn, hasDomain }: { readonly bucketArn: string; readonly hasDomain: boolean },
): void => {
  const assets = `arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-${stack.region}/*`;
  const written = `${asInFindings(stack.resolve(bucketArn))}/*`;
  const uploads = [assets, written].map((arn) => `AwsSolutions-IAM5[Resource::${arn}]`);
  acknowledge(stack, [
    { ...UPLOADER, rules: [...UPLOADER.rules, ...uploads] },
    PUBLIC_PAGE,
    ...(hasDomain ? [] : [CLOUDFRONT_CERTIFICATE]),
  ]);
};
