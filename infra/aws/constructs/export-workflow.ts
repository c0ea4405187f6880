import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { LogGroup, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { WorkflowFunction } from '../../../shared/lambda/functions.ts';
import { placeholderFor, workflowDefinition } from '../../../statemachine/definition.ts';
import { statementOf } from '../permissions/grant.ts';
import { LOG_RETENTION } from './export-function.ts';
import type { ExportFunctions } from './export-functions.ts';

interface ExportWorkflowProps {
  readonly prefix: string;
  readonly names: readonly WorkflowFunction[];
  readonly functions: ExportFunctions<WorkflowFunction>;
}

/** The state machine, from its one definition; its text stands in the template byte for byte. */
export class ExportWorkflow extends Construct {
  readonly stateMachine: StateMachine;
  readonly log: ILogGroup;
  /** The ARNs of all its executions, as a pattern of IAM. */
  readonly executions: string;

  constructor(scope: Construct, id: string, { prefix, names, functions }: ExportWorkflowProps) {
    super(scope, id);
    const stateMachineName = `${prefix}-export`;
    const destination = new LogGroup(this, 'Logs', {
      // Step Functions adds each log group by its name to a policy of limited length, unless the name begins so.
      logGroupName: `/aws/vendedlogs/states/${stateMachineName}`,
      retention: LOG_RETENTION,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.log = destination;
    const arnOf = (name: WorkflowFunction): string => functions.named(name).functionArn;
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(workflowDefinition()),
      definitionSubstitutions: Object.fromEntries(names.map((name) => [placeholderFor(name), arnOf(name)])),
      // Inputs and results stay out of the logs: operators read them in the execution itself, which is guarded by IAM.
      logs: { destination, level: LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
    });
    this.stateMachine.addToRolePolicy(
      statementOf({ actions: ['lambda:InvokeFunction'], resources: names.map(arnOf) }),
    );
    this.executions = Stack.of(this).formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${stateMachineName}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}
