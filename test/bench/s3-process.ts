/** An S3 server in a process of its own, so that its work is none of the bench's: folder, then latency in ms. */
import { LOCAL_CREDENTIALS } from '../../infra/local/local-identity.ts';
import { startS3Server } from '../../infra/local/s3/s3-server.ts';
import { startLatencyProxy } from './latency-proxy.ts';

const [dataDir = '', latency = '0'] = process.argv.slice(2);
const server = await startS3Server({ dataDir, port: 0, credentials: LOCAL_CREDENTIALS });
const front = latency === '0' ? server : await startLatencyProxy(server.url, Number(latency));

// Ctrl-C reaches the whole process group; the parent decides when this ends, and its own end closes the channel too.
process.on('SIGINT', () => undefined);
process.once('disconnect', () => process.exit(0));
process.send?.(front.url);
