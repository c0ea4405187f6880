import type { LocalServer } from '../../infra/local/local-server.ts';
import { startServerProcess } from './started-server.ts';

/** The embedded S3 in a process of its own; each call waits `latencyMs` first. */
export const startS3Process = (dataDir: string, latencyMs: number): Promise<LocalServer> =>
  startServerProcess(new URL('s3-process.ts', import.meta.url), [dataDir, String(latencyMs)]);

/** Another way to a server, on which each call waits `latencyMs` first; in a process of its own. */
export const startLatencyProcess = (target: string, latencyMs: number): Promise<LocalServer> =>
  startServerProcess(new URL('latency-process.ts', import.meta.url), [target, String(latencyMs)]);
