import { Agent, request as send } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Reply {
  /** 0 when there was none. */
  readonly status: number;
  readonly etag: string | undefined;
  /** From when the request was due, so that one which had to wait for others counts its wait. */
  readonly ms: number;
}

const CONNECTIONS = 128;

/** Many requests over connections that stay open. */
export class LoadClient {
  readonly #base: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

  constructor(apiUrl: string) {
    this.#base = new URL(apiUrl);
  }

  request({ method, path, headers }: LoadRequest, dueAt = performance.now()): Promise<Reply> {
    const { hostname: host, port } = this.#base;
    return new Promise((resolve) => {
      const told = (status: number, etag?: string) =>
        resolve({ status, etag, ms: performance.now() - dueAt });
      const outgoing = send({ agent: this.#agent, host, port, method, path, headers }, (incoming) => {
        incoming.resume();
        incoming.on('end', () => told(incoming.statusCode ?? 0, incoming.headers.etag));
        incoming.on('error', () => told(0));
      });
      outgoing.on('error', () => told(0));
      outgoing.end();
    });
  }

  /** Sends so many requests a second, whether those before are answered or not, and waits for all answers. */
  async steadily(
    { perSecond, seconds, signal }: { perSecond: number; seconds: number; signal: AbortSignal },
    requestAt: (index: number) => LoadRequest,
  ): Promise<Reply[]> {
    const startedAt = performance.now();
    const replies: Promise<Reply>[] = [];
    for (let index = 0; index < perSecond * seconds; index += 1) {
      const dueAt = startedAt + (index * 1000) / perSecond;
      const wait = dueAt - performance.now();
      if (wait > 1) await delay(wait, undefined, { signal });
      replies.push(this.request(requestAt(index), dueAt));
    }
    return Promise.all(replies);
  }

  close(): void {
    this.#agent.destroy();
  }
}
