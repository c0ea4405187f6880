import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../infra/local/local-identity.ts';
import type { LocalServer } from '../../infra/local/local-server.ts';
import { startServerProcess } from './started-server.ts';

/** The embedded S3 in a process of its own; each call waits `latencyMs` first. */
export const startS3Process = (dataDir: string, latencyMs: number): Promise<LocalServer> =>
  startServerProcess(new URL('s3-process.ts', import.meta.url), [dataDir, String(latencyMs)]);

/** Another way to a server, on which each call waits `latencyMs` first; in a process of its own. */
export const startLatencyProcess = (target: string, latencyMs: number): Promise<LocalServer> =>
  startServerProcess(new URL('latency-process.ts', import.meta.url), [target, String(latencyMs)]);

/** A client of such a server. */
export const benchS3Client = (endpoint: string): S3Client =>
  new S3Client({ endpoint, region: LOCAL_REGION, credentials: LOCAL_CREDENTIALS });

export const createBuckets = async (endpoint: string, ...names: readonly string[]): Promise<void> => {
  const s3 = benchS3Client(endpoint);
  try {
    for (const Bucket of names) await s3.send(new CreateBucketCommand({ Bucket }));
  } finally {
    s3.destroy();
  }
};
