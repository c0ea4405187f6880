import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { localSettings, type EmbeddedService } from '../local-settings.ts';
import { CommandFailed } from './command-line.ts';
import { findRunningService } from './data-folder.ts';

export interface OperatorAccess {
  readonly sfn: SFNClient;
  readonly dynamodb: DynamoDBClient;
  readonly jobsTable: string;
}

/** Few attempts, because a person waits for the answer. */
const MAX_ATTEMPTS = 2;

/**
 * Clients as an operator uses them: of the endpoints in the environment, else of the running local service.
 * @throws CommandFailed when neither is there
 */
export const operatorAccess = async (): Promise<OperatorAccess> => {
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
    jobsTable: tables.EXPORT_JOBS_TABLE,
  };
};
