import { DynamoHouseholdSource } from '../../aws/dynamo-household-source.ts';
import { dynamodb } from '../../aws/dynamodb-client.ts';

/** The variables that name the household's tables; a function has those of the sections it reads. */
export interface HouseholdEnvironment {
  readonly ACCOUNTS_TABLE?: string;
  readonly TRANSACTIONS_TABLE?: string;
  readonly CATEGORIES_TABLE_NAME?: string;
  readonly FILE_MAPS_TABLE?: string;
  readonly FILES_TABLE?: string;
  readonly ANALYTICS_DATA_TABLE?: string;
}

export const householdSource = (environment: HouseholdEnvironment) =>
  new DynamoHouseholdSource(dynamodb, {
    accounts: environment.ACCOUNTS_TABLE,
    transactions: environment.TRANSACTIONS_TABLE,
    categories: environment.CATEGORIES_TABLE_NAME,
    fileMaps: environment.FILE_MAPS_TABLE,
    transactionFiles: environment.FILES_TABLE,
    analytics: environment.ANALYTICS_DATA_TABLE,
  });
