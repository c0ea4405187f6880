import { PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Section } from '../../shared/domain/sections.ts';
import type { FaultWorld, WorldUser } from './fault-world.ts';
import { TABLE_VARIABLES } from './marked-household.ts';

export type Item = Record<string, AttributeValue>;

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
