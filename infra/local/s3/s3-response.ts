import type { BlobReading } from './blob-store.ts';

/** An answer before it is sent. A streamed body must be released by whoever sends it, also when sending fails. */
export interface S3Response {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | BlobReading;
}

export const xmlResponse = (body: string, headers: Readonly<Record<string, string>> = {}): S3Response => ({
  status: 200,
  headers: { 'content-type': 'application/xml', ...headers },
  body,
});

/** What S3 answers, without knowing more of the request, to a change that left nothing to say. */
export const noContent: S3Response = { status: 204 };
