/** An S3 server in a process of its own, so that its work is none of the bench's: folder, then latency in ms. */
import { LOCAL_CREDENTIALS } from '../../infra/local/local-identity.ts';
import { startS3Server } from '../../infra/local/s3/s3-server.ts';
import { startLatencyProxy } from './latency-proxy.ts';
import { serveUntilDisconnected } from './started-server.ts';

const [dataDir = '', latency = '0'] = process.argv.slice(2);
const server = await startS3Server({ dataDir, port: 0, credentials: LOCAL_CREDENTIALS });
serveUntilDisconnected(latency === '0' ? server : await startLatencyProxy(server.url, Number(latency)));
