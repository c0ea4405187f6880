import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { Option } from 'commander';
import * as z from 'zod/mini';
import { LOCAL_WORKFLOW_ARN } from '../export-workflow.ts';
import { LOCAL_ACCOUNT_ID } from '../local-identity.ts';
import { localSettings, type EmbeddedService } from '../local-settings.ts';
import type { OperatorAccess } from '../operators-view/execution-reader.ts';
import { CommandFailed, WrongUse } from './command-line.ts';
import { findRunningService } from './data-folder.ts';

/** For an operator's `--help`. */
export const OPERATED_SYSTEM = `
Works with the local service on LOCAL_DATA_DIR (.local unless given), or with AWS_ENDPOINT_URL_SFN and
AWS_ENDPOINT_URL_DYNAMODB. With --state-machine and --jobs-table, as the stack prints them, it works with AWS, as whoever
the environment's AWS credentials or AWS_PROFILE say.`;

/** Which system an operator means, as the options say. */
export const operatedSystem = z.object({ stateMachine: z.string(), jobsTable: z.optional(z.string()) });
export type OperatedSystem = z.infer<typeof operatedSystem>;

/** The options that `operatedSystem` reads. */
export const operatedSystemOptions = (): Option[] => [
  new Option('--state-machine <arn>', 'the workflow').default(LOCAL_WORKFLOW_ARN, 'the local one'),
  new Option('--jobs-table <name>', 'the table of export jobs; must be given on AWS'),
];

/** Few attempts, because a person waits for the answer. */
const MAX_ATTEMPTS = 2;

const STATE_MACHINE_ARN = /^arn:[\w-]+:states:([a-z\d-]+):(\d{12}):stateMachine:[\w-]+$/;

/** Region, endpoints and credentials as the SDK finds them, but for the region, which the workflow's ARN names. */
const accessOnAws = (region: string, { stateMachine, jobsTable }: OperatedSystem): OperatorAccess => {
  if (jobsTable === undefined) {
    throw new WrongUse('On AWS --jobs-table must name the table of export jobs, as the stack prints it.');
  }
  const client = { region, maxAttempts: MAX_ATTEMPTS };
  return {
    sfn: new SFNClient(client),
    dynamodb: new DynamoDBClient(client),
    stateMachineArn: stateMachine,
    jobsTable,
  };
};

const accessHere = async ({ stateMachine, jobsTable }: OperatedSystem): Promise<OperatorAccess> => {
  const { dataDir, replaced, region, credentials, tables } = localSettings(process.env);
  const running = await findRunningService(dataDir);
  const endpoint = (service: EmbeddedService): string => {
    const url = replaced[service] ?? running?.endpoints[service];
    if (url !== undefined) return url;
    throw new CommandFailed(
      `No local service is running on ${dataDir}. Start one with npm start, or name other endpoints by ` +
        'AWS_ENDPOINT_URL_SFN and AWS_ENDPOINT_URL_DYNAMODB.',
    );
  };
  const client = { region, credentials, maxAttempts: MAX_ATTEMPTS };
  return {
    sfn: new SFNClient({ ...client, endpoint: endpoint('stepfunctions') }),
    dynamodb: new DynamoDBClient({ ...client, endpoint: endpoint('dynamodb') }),
    stateMachineArn: stateMachine,
    jobsTable: jobsTable ?? tables.EXPORT_JOBS_TABLE,
  };
};

/**
 * Clients as an operator uses them: of AWS when the workflow is in an account there, else of the endpoints in the
 * environment or of the running local service.
 * @throws WrongUse, CommandFailed
 */
export const operatorAccess = async (system: OperatedSystem): Promise<OperatorAccess> => {
  const [, region, account] = STATE_MACHINE_ARN.exec(system.stateMachine) ?? [];
  if (region === undefined) {
    throw new WrongUse(
      `--state-machine must be the ARN of a state machine, but is "${system.stateMachine}".`,
    );
  }
  return account === LOCAL_ACCOUNT_ID ? accessHere(system) : accessOnAws(region, system);
};
