// An S3 server in a process of its own, to be killed: folder in the first argument, port on standard output.
import { LOCAL_CREDENTIALS } from '../../infra/local/local-identity.ts';
import { startS3Server } from '../../infra/local/s3/s3-server.ts';

const server = await startS3Server({ dataDir: process.argv[2], port: 0, credentials: LOCAL_CREDENTIALS });
process.stdout.write(server.url);
