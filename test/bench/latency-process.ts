/** A latency proxy in a process of its own: the server behind it, then latency in ms. */
import { startLatencyProxy } from './latency-proxy.ts';
import { serveUntilDisconnected } from './started-server.ts';

const [target = '', latency = '0'] = process.argv.slice(2);
serveUntilDisconnected(await startLatencyProxy(target, Number(latency)));
