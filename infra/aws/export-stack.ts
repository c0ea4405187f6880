import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { FunctionName } from '../../shared/lambda/functions.ts';
import { API_FUNCTION_NAMES, SCHEDULED_FUNCTION_NAMES, WORKFLOW_FUNCTION_NAMES } from './function-names.ts';
import { importedResources, SandboxApplication } from './application-resources.ts';
import { DeadLetters } from './constructs/dead-letters.ts';
import { ExportApi } from './constructs/export-api.ts';
import { ExportDashboard } from './constructs/export-dashboard.ts';
import { ExportFunctions } from './constructs/export-functions.ts';
import { ExportWorkflow } from './constructs/export-workflow.ts';
import { FailedExecutions } from './constructs/failed-executions.ts';
import { JobsTable } from './constructs/jobs-table.ts';
import { OperatorAlarms } from './constructs/operator-alarms.ts';
import { PackagesBucket } from './constructs/packages-bucket.ts';
import { SavedQueries } from './constructs/saved-queries.ts';
import { SweepSchedule } from './constructs/sweep-schedule.ts';
import { namePrefix, type DeploymentContext } from './deployment-context.ts';
import { encryptingKeys } from './encrypting-keys.ts';
import { acknowledgeFindings } from './findings.ts';
import { outerEnvironment, workflowEnvironment } from './function-environments.ts';
import {
  outerFunctionGrants,
  workflowFunctionGrants,
  type UsedResources,
} from './permissions/function-grants.ts';
import type { ServedExport } from './page-stack.ts';
import type { WatchedService } from './watched-service.ts';

/** Everything of the export on AWS, beside a household application that is there already. */
export class ExportStack extends Stack implements ServedExport {
  readonly apiHost: string;
  readonly packagesOrigin: string;

  constructor(scope: Construct, id: string, context: DeploymentContext) {
    super(scope, id, { env: { region: context.region } });
    const prefix = namePrefix(context);
    const used = this.#resources(context);
    const keys = encryptingKeys(used, context);

    const steps = new ExportFunctions(this, 'Steps', {
      ...{ prefix, keys, names: WORKFLOW_FUNCTION_NAMES },
      environment: workflowEnvironment(used, context),
      grants: workflowFunctionGrants(used),
    });
    const workflow = new ExportWorkflow(this, 'Workflow', {
      ...{ prefix, names: WORKFLOW_FUNCTION_NAMES, functions: steps },
    });
    const { stateMachine, executions } = workflow;

    const functions = new ExportFunctions(this, 'Functions', {
      ...{ prefix, keys, names: [...API_FUNCTION_NAMES, ...SCHEDULED_FUNCTION_NAMES] },
      environment: outerEnvironment(used, context, stateMachine.stateMachineArn),
      grants: outerFunctionGrants(used, { arn: stateMachine.stateMachineArn, executions }),
    });
    const api = new ExportApi(this, 'Http', { prefix, context, names: API_FUNCTION_NAMES, functions });
    const failExport = steps.named('fail-export');
    const sweepExports = functions.named('sweep-exports');
    const unfailed = new DeadLetters(this, 'FailExportDeadLetters', {
      prefix,
      name: 'fail-export',
      lambda: failExport,
    });
    const unswept = new DeadLetters(this, 'SweepExportsDeadLetters', {
      prefix,
      name: 'sweep-exports',
      lambda: sweepExports,
    });
    new FailedExecutions(this, 'FailedExecutions', { stateMachine, failExport, deadLetterQueue: unfailed });
    new SweepSchedule(this, 'Sweep', { sweepExports, deadLetterQueue: unswept });

    const service: WatchedService = {
      ...{ prefix, stateMachine, api: api.httpApi, deadLetters: [unfailed, unswept] },
      lambdas: new Map<FunctionName, IFunction>([...functions.all, ...steps.all]),
    };
    const alarms = new OperatorAlarms(this, 'Alarms', { service, email: context.alarmEmail });
    const deadLetters = [...service.deadLetters, ...alarms.deadLetters];
    new ExportDashboard(this, 'Dashboard', { service: { ...service, deadLetters } });
    new SavedQueries(this, 'Queries', {
      ...{ prefix, workflowLog: workflow.log, accessLog: api.accessLog },
      functionLogs: [...functions.logGroups, ...steps.logGroups],
    });
    acknowledgeFindings(this, { used, executions });

    this.apiHost = `${api.httpApi.apiId}.execute-api.${this.region}.${this.urlSuffix}`;
    this.packagesOrigin = `https://${used.packagesBucket.name}.s3.${this.region}.${this.urlSuffix}`;
    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'WorkflowArn', { value: stateMachine.stateMachineArn });
    new CfnOutput(this, 'PackagesBucketName', { value: used.packagesBucket.name });
    const operated = `--state-machine ${stateMachine.stateMachineArn} --jobs-table ${used.jobsTable.name}`;
    new CfnOutput(this, 'StatusCommand', { value: `npm run status -- EXPORT_ID ${operated}` });
    new CfnOutput(this, 'RetryCommand', {
      value: `npm run retry -- EXPORT_ID ${operated} --active-cap ${context.activeExportCap}`,
    });
  }

  #resources(context: DeploymentContext): UsedResources {
    const jobs = new JobsTable(this, 'Jobs', context);
    const packages = new PackagesBucket(this, 'Packages', context);
    return {
      jobsTable: { name: jobs.tableName, arn: jobs.tableArn },
      packagesBucket: { name: packages.bucketName, arn: packages.bucketArn },
      application: context.createApplicationTables
        ? new SandboxApplication(this, 'Application', context).resources
        : importedResources(this, context),
    };
  }
}
