import {
  CreateTableCommand,
  DescribeTableCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type {
  AttributeDefinition,
  CreateTableCommandInput,
  DynamoDBClient,
  GlobalSecondaryIndex,
  KeySchemaElement,
} from '@aws-sdk/client-dynamodb';

type KeyAttribute = readonly [name: string, type: 'S' | 'N'];

interface TableKey {
  readonly partition: KeyAttribute;
  readonly sort?: KeyAttribute;
}

interface TableDefinition {
  /** The name the application's own deployment uses when the environment names none. */
  readonly defaultName: string;
  readonly key: TableKey;
  readonly indexes: Readonly<Record<string, TableKey>>;
  readonly timeToLiveAttribute?: string;
}

const userId: KeyAttribute = ['userId', 'S'];

const TABLES = {
  ACCOUNTS_TABLE: {
    defaultName: 'housef3-dev-accounts',
    key: { partition: ['accountId', 'S'] },
    indexes: { UserIdIndex: { partition: userId, sort: ['createdAt', 'N'] } },
  },
  TRANSACTIONS_TABLE: {
    defaultName: 'housef3-dev-transactions',
    key: { partition: ['transactionId', 'S'] },
    indexes: {
      UserIdIndex: { partition: userId, sort: ['date', 'N'] },
      AccountDateIndex: { partition: ['accountId', 'S'], sort: ['date', 'N'] },
    },
  },
  CATEGORIES_TABLE_NAME: {
    defaultName: 'housef3-dev-categories',
    key: { partition: ['categoryId', 'S'] },
    indexes: { UserIdIndex: { partition: userId, sort: ['name', 'S'] } },
  },
  FILE_MAPS_TABLE: {
    defaultName: 'housef3-dev-file-maps',
    key: { partition: ['fileMapId', 'S'] },
    indexes: { UserIdIndex: { partition: userId } },
  },
  FILES_TABLE: {
    defaultName: 'housef3-dev-transaction-files',
    key: { partition: ['fileId', 'S'] },
    indexes: { UserIdIndex: { partition: userId } },
  },
  ANALYTICS_DATA_TABLE: {
    defaultName: 'housef3-dev-analytics-data',
    key: { partition: ['pk', 'S'], sort: ['sk', 'S'] },
    indexes: { UserAnalyticsIndex: { partition: userId, sort: ['analyticType', 'S'] } },
  },
  EXPORT_JOBS_TABLE: {
    defaultName: 'housef3-dev-export-jobs',
    key: { partition: ['exportId', 'S'] },
    indexes: {
      UserIdIndex: { partition: userId, sort: ['requestedAt', 'N'] },
      DueIndex: { partition: ['dueShard', 'S'], sort: ['dueAt', 'N'] },
    },
    timeToLiveAttribute: 'ttl',
  },
} satisfies Record<string, TableDefinition>;

/** The environment variable that names a table. */
export type TableVariable = keyof typeof TABLES;

/** A table of the household application: the export reads it and never writes to it. */
export type ApplicationTableVariable = Exclude<TableVariable, 'EXPORT_JOBS_TABLE'>;

export type TableNames = Readonly<Record<TableVariable, string>>;

const nameFrom = (
  environment: Readonly<Record<string, string | undefined>>,
  variable: TableVariable,
): string => {
  const given = environment[variable];
  return given === undefined || given === '' ? TABLES[variable].defaultName : given;
};

/** The table names an environment gives, with the application's defaults for those it does not. */
export const tableNamesFrom = (environment: Readonly<Record<string, string | undefined>>): TableNames => ({
  ACCOUNTS_TABLE: nameFrom(environment, 'ACCOUNTS_TABLE'),
  TRANSACTIONS_TABLE: nameFrom(environment, 'TRANSACTIONS_TABLE'),
  CATEGORIES_TABLE_NAME: nameFrom(environment, 'CATEGORIES_TABLE_NAME'),
  FILE_MAPS_TABLE: nameFrom(environment, 'FILE_MAPS_TABLE'),
  FILES_TABLE: nameFrom(environment, 'FILES_TABLE'),
  ANALYTICS_DATA_TABLE: nameFrom(environment, 'ANALYTICS_DATA_TABLE'),
  EXPORT_JOBS_TABLE: nameFrom(environment, 'EXPORT_JOBS_TABLE'),
});

const attributesOf = ({ partition, sort }: TableKey): KeyAttribute[] =>
  sort ? [partition, sort] : [partition];

const keySchema = ({ partition, sort }: TableKey): KeySchemaElement[] => [
  { AttributeName: partition[0], KeyType: 'HASH' },
  ...(sort ? [{ AttributeName: sort[0], KeyType: 'RANGE' as const }] : []),
];

const globalIndex = ([name, key]: [string, TableKey]): GlobalSecondaryIndex => ({
  IndexName: name,
  KeySchema: keySchema(key),
  Projection: { ProjectionType: 'ALL' },
});

const attributeDefinitions = ({ key, indexes }: TableDefinition): AttributeDefinition[] => {
  const types = new Map([key, ...Object.values(indexes)].flatMap(attributesOf));
  return [...types].map(([name, type]) => ({ AttributeName: name, AttributeType: type }));
};

/** What CreateTable needs for the table of a variable under the given name. */
export const createTableInput = (variable: TableVariable, tableName: string): CreateTableCommandInput => {
  const definition: TableDefinition = TABLES[variable];
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: attributeDefinitions(definition),
    KeySchema: keySchema(definition.key),
    GlobalSecondaryIndexes: Object.entries(definition.indexes).map(globalIndex),
  };
};

const tableExists = async (client: DynamoDBClient, tableName: string): Promise<boolean> => {
  try {
    await client.send(new DescribeTableCommand({ TableName: tableName }));
    return true;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
};

const createUnlessPresent = async (
  client: DynamoDBClient,
  variable: TableVariable,
  tableName: string,
): Promise<boolean> => {
  if (await tableExists(client, tableName)) return false;
  try {
    await client.send(new CreateTableCommand(createTableInput(variable, tableName)));
    return true;
  } catch (error) {
    // Somebody else created it between the two calls; then it is theirs and used as it is.
    if (error instanceof ResourceInUseException) return false;
    throw error;
  }
};

const enableTimeToLive = async (client: DynamoDBClient, variable: TableVariable, tableName: string) => {
  const { timeToLiveAttribute }: TableDefinition = TABLES[variable];
  if (timeToLiveAttribute === undefined) return;
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: tableName,
      TimeToLiveSpecification: { AttributeName: timeToLiveAttribute, Enabled: true },
    }),
  );
};

const isTableVariable = (name: string): name is TableVariable => Object.hasOwn(TABLES, name);

/**
 * Creates the named tables that are missing and uses existing ones as they are. Resolves when all are ACTIVE, with the
 * variables of those it created. Rejects after 60 s when a table does not become ACTIVE.
 */
export const createMissingTables = async (
  client: DynamoDBClient,
  names: Partial<TableNames>,
): Promise<TableVariable[]> => {
  const variables = Object.keys(names).filter(isTableVariable);
  const created = await Promise.all(
    variables.map(async (variable) => {
      const tableName = names[variable];
      if (tableName === undefined) return false;
      const isNew = await createUnlessPresent(client, variable, tableName);
      // Seconds. The default first delay of 20 s suits AWS, not a server next door.
      await waitUntilTableExists(
        { client, maxWaitTime: 60, minDelay: 0.05, maxDelay: 2 },
        { TableName: tableName },
      );
      if (isNew) await enableTimeToLive(client, variable, tableName);
      return isNew;
    }),
  );
  return variables.filter((_, index) => created[index]);
};
