/** The process the local DynamoDB lives in, so that its work does not hold up the rest of the system. */
import { mkdir } from 'node:fs/promises';
import { createAwsJsonServer } from '../aws-json-endpoint.ts';
import { listenOnLoopback, PortRefused } from '../local-server.ts';
import { openDynaliteEngine } from './dynalite-engine.ts';
import { createDynamoDbOperations } from './dynamodb-operations.ts';

const MAX_BODY_BYTES = 16 * 1024 * 1024;

const serve = async (dataDir: string, port: number): Promise<void> => {
  await mkdir(dataDir, { recursive: true });
  const engine = await openDynaliteEngine(dataDir);
  const server = await listenOnLoopback(
    createAwsJsonServer({
      signingName: 'dynamodb',
      targetPrefix: 'DynamoDB_20120810',
      jsonVersion: '1.0',
      credentials: {
        accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? '',
      },
      maxBodyBytes: MAX_BODY_BYTES,
      tellsChecksum: true,
      operations: createDynamoDbOperations(engine),
    }),
    port,
  );
  const stop = async (): Promise<void> => {
    await server.close();
    await engine.close();
    process.exit(0);
  };
  // The parent asks for the end by closing the channel; its own end closes it too.
  process.once('disconnect', () => void stop());
  process.send?.({ url: server.url });
};

// Ctrl-C reaches the whole process group; the parent decides when the database ends.
process.on('SIGINT', () => undefined);
try {
  await serve(process.argv[2] ?? '', Number(process.argv[3]));
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.send?.({ failure: reason, portRefused: error instanceof PortRefused }, undefined, undefined, () =>
    process.exit(1),
  );
}
