import { PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import type { ApplicationTableVariable } from '../../infra/local/application-tables.ts';
import type { Section } from '../../shared/domain/sections.ts';
import type { FaultWorld, WorldUser } from './fault-world.ts';

export type Item = Record<string, AttributeValue>;

/** The environment variable that names each section's table. */
export const TABLE_VARIABLES: Readonly<Record<Section, ApplicationTableVariable>> = {
  accounts: 'ACCOUNTS_TABLE',
  transactions: 'TRANSACTIONS_TABLE',
  categories: 'CATEGORIES_TABLE_NAME',
  fileMaps: 'FILE_MAPS_TABLE',
  transactionFiles: 'FILES_TABLE',
  analytics: 'ANALYTICS_DATA_TABLE',
};

/** Writes records into a user's household, beside those it was made with, and counts them. */
export const addRecords = async (
  { system }: FaultWorld,
  user: WorldUser,
  section: Section,
  records: readonly Item[],
): Promise<void> => {
  const TableName = system.settings.tables[TABLE_VARIABLES[section]];
  for (const record of records) {
    const Item = { userId: { S: user.userId }, ...record };
    await system.clients.dynamodb.send(new PutItemCommand({ TableName, Item }));
  }
  Object.assign(user.counts, { [section]: user.counts[section] + records.length });
};
