import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMissingTables, type TableNames } from '../../infra/local/application-tables.ts';
import { startDynamoDbServer, type DynamoDbServer } from '../../infra/local/dynamodb/dynamodb-server.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../infra/local/local-identity.ts';

/** Names that tests give to the household's tables. */
export const SECTION_TABLES = {
  accounts: 'accounts',
  transactions: 'transactions',
  categories: 'categories',
  fileMaps: 'file-maps',
  transactionFiles: 'files',
  analytics: 'analytics',
} as const;

/** The embedded DynamoDB on a folder of its own, with the application's tables. */
export class EmbeddedDynamoDb {
  readonly url: string;
  readonly client: DynamoDBClient;
  readonly #server: DynamoDbServer;
  readonly #dataDir: string;
  readonly #clients: DynamoDBClient[] = [];

  private constructor(server: DynamoDbServer, dataDir: string) {
    this.#server = server;
    this.#dataDir = dataDir;
    this.url = server.url;
    this.client = this.clientAt(server.url);
  }

  static async start(tables: Partial<TableNames>): Promise<EmbeddedDynamoDb> {
    const dataDir = await mkdtemp(join(tmpdir(), 'dynamodb-test-'));
    const server = await startDynamoDbServer({ dataDir, port: 0, credentials: LOCAL_CREDENTIALS });
    const embedded = new EmbeddedDynamoDb(server, dataDir);
    await createMissingTables(embedded.client, tables);
    return embedded;
  }

  /** A client of another address, for a proxy in front of the server. */
  clientAt(endpoint: string, config: DynamoDBClientConfig = {}): DynamoDBClient {
    const client = new DynamoDBClient({
      endpoint,
      region: LOCAL_REGION,
      credentials: LOCAL_CREDENTIALS,
      maxAttempts: 1,
      ...config,
    });
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.#server.close();
    await rm(this.#dataDir, { recursive: true });
  }
}
