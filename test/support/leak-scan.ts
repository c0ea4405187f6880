import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApplicationTableVariable } from '../../infra/local/application-tables.ts';
import { functionLogFile } from '../../infra/local/function-log.ts';
import type { LocalClients } from '../../infra/local/local-system.ts';
import type { LocalSettings } from '../../infra/local/local-settings.ts';

/** What opens somebody's data, or names them, wherever it stands. */
const FORBIDDEN = [
  /X-Amz-(?:Signature|Credential|Security-Token)/i,
  /Bearer /,
  /eyJ[\w-]{8,}\.eyJ[\w-]{8,}\./,
  /[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/i,
];

/** The attributes whose values nobody but the user is to read. */
const PRIVATE: Readonly<Partial<Record<ApplicationTableVariable, readonly string[]>>> = {
  ACCOUNTS_TABLE: ['accountName', 'balance'],
  TRANSACTIONS_TABLE: ['description', 'memo', 'amount'],
};
/** Shorter ones stand in many a time or count by chance. */
const SHORTEST = 8;
/** Of each table; a household of thousands says the same of all of them in the same way. */
const MOST_RECORDS = 500;

interface Scanned {
  readonly clients: Pick<LocalClients, 'dynamodb'>;
  readonly settings: LocalSettings;
}

type Item = Record<string, unknown>;

const textOf = (item: Item, attribute: string): string => {
  const value = item[attribute];
  return typeof value === 'string' ? value : '';
};

/** The first items of a table. */
const itemsOf = async ({ clients }: Scanned, TableName: string, most: number): Promise<Item[]> => {
  const client = DynamoDBDocumentClient.from(clients.dynamodb, {
    unmarshallOptions: { wrapNumbers: String },
  });
  const items: Item[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName, Limit: 500 })) {
    items.push(...Items);
    if (items.length >= most) break;
  }
  return items;
};

const privateTexts = async (scanned: Scanned): Promise<string[]> => {
  const texts = new Set<string>();
  for (const [table, attributes] of Object.entries(PRIVATE)) {
    const name = scanned.settings.tables[table as ApplicationTableVariable];
    for (const item of await itemsOf(scanned, name, MOST_RECORDS)) {
      for (const attribute of attributes) texts.add(textOf(item, attribute));
    }
  }
  return [...texts].filter((text) => text.length >= SHORTEST);
};

/** All that is kept below a folder as text. */
const textsBelow = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    : [];

/**
 * Looks through everything that operators and consumers can read: log lines, events, executions with their histories, and
 * jobs.
 * @throws Error that tells where a signature, token, e-mail address, or text or amount of the user's was found
 */
export const assertNothingLeaked = async (scanned: Scanned): Promise<void> => {
  const { dataDir, tables } = scanned.settings;
  const jobs = await itemsOf(scanned, tables.EXPORT_JOBS_TABLE, Infinity);
  const ownWords = jobs.map((job) => textOf(job, 'description')).filter((text) => text !== '');
  const places = {
    'the log': existsSync(functionLogFile(dataDir)) ? readFileSync(functionLogFile(dataDir), 'utf8') : '',
    'the events': textsBelow(join(dataDir, 'eventbridge')).join('\n'),
    'the executions': textsBelow(join(dataDir, 'stepfunctions')).join('\n'),
    'the jobs': JSON.stringify(jobs),
  };
  const secrets = await privateTexts(scanned);
  for (const [place, text] of Object.entries(places)) {
    const forbidden = FORBIDDEN.map((pattern) => pattern.exec(text)?.[0]).filter(
      (found) => found !== undefined,
    );
    const told = (place === 'the jobs' ? secrets : [...secrets, ...ownWords]).filter((secret) =>
      text.includes(secret),
    );
    const found = [...forbidden, ...told];
    if (found.length > 0) throw new Error(`In ${place} stands what nobody may read: ${found.join(', ')}`);
  }
};
