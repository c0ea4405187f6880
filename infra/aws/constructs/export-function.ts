import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { fileURLToPath } from 'node:url';
import {
  FUNCTION_ENVIRONMENT,
  NODE_OPTIONS,
  type EnvironmentOf,
} from '../../../shared/lambda/environment.ts';
import { FUNCTIONS, type FunctionName } from '../../../shared/lambda/functions.ts';
import { CDK_BUNDLING, CDK_BUNDLING_WITH_VIEWER } from '../bundling.ts';
import { statementOf, type Grant } from '../permissions/grant.ts';

/** The variables that any of the functions is told. */
export type VariableOf<N extends FunctionName> = N extends FunctionName ? keyof EnvironmentOf<N> : never;

/** A value for every variable of those functions: one that is missing does not compile. */
export type EnvironmentFor<N extends FunctionName> = Readonly<Record<VariableOf<N>, string>>;

export interface ExportFunctionProps<N extends FunctionName> {
  /** What functions are called before their own name. */
  readonly prefix: string;
  /** Of this function and maybe of others; it is told its own. */
  readonly environment: EnvironmentFor<N>;
  readonly grants: readonly Grant[];
}

/** How long logs are kept, of functions and of everything else. */
export const LOG_RETENTION = RetentionDays.THREE_MONTHS;

const fileOf = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const ownVariables = <N extends FunctionName>(name: N, environment: EnvironmentFor<N>) => {
  const variables = Object.keys(FUNCTION_ENVIRONMENT[name].shape);
  const values = Object.entries<string>(environment).filter(([variable]) => variables.includes(variable));
  return Object.fromEntries(values);
};

/** One deployed function with a role and a log of its own. */
export class ExportFunction<N extends FunctionName> extends Construct {
  readonly lambda: NodejsFunction;
  readonly logGroup: ILogGroup;

  constructor(scope: Construct, name: N, { prefix, environment, grants }: ExportFunctionProps<N>) {
    super(scope, name);
    const functionName = `${prefix}-${name}`;
    const { memoryMegabytes, timeoutSeconds } = FUNCTIONS[name];
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: LOG_RETENTION,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.logGroup = logGroup;
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    role.addToPolicy(
      statementOf({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    for (const grant of grants) role.addToPolicy(statementOf(grant));
    this.lambda = new NodejsFunction(this, 'Function', {
      functionName,
      entry: fileOf(`functions/${name}/handler.ts`),
      projectRoot: fileOf(''),
      depsLockFilePath: fileOf('package-lock.json'),
      handler: 'handler',
      runtime: Runtime.NODEJS_22_X,
      architecture: Architecture.ARM_64,
      memorySize: memoryMegabytes,
      timeout: Duration.seconds(timeoutSeconds),
      environment: {
        NODE_OPTIONS: `${NODE_OPTIONS} --enable-source-maps`,
        ...ownVariables(name, environment),
      },
      awsSdkConnectionReuse: false,
      bundling: 'VIEWER_FILE' in FUNCTION_ENVIRONMENT[name].shape ? CDK_BUNDLING_WITH_VIEWER : CDK_BUNDLING,
      tracing: Tracing.ACTIVE,
      logGroup,
      role,
    });
  }
}
