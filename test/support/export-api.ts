import { setTimeout as delay } from 'node:timers/promises';

/** One HTTP answer of the service. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; empty when it is no JSON object. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface CallOptions {
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly text?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The service as a client sees it: a base URL, a token, HTTP. */
export class ExportApi {
  readonly #baseUrl: string;
  readonly #token: string | undefined;

  constructor(baseUrl: string, token?: string) {
    this.#baseUrl = baseUrl.replace(/\/$/, '');
    this.#token = token;
  }

  async call(method: string, path: string, { body, text, headers = {} }: CallOptions = {}): Promise<Answer> {
    const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(this.#baseUrl + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(content === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(content === undefined ? {} : { body: content }),
    });
    const received = await response.text();
    const json = /\bjson\b/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: json ? (JSON.parse(received) as Record<string, unknown>) : {},
    };
  }

  /** Starts an export and gives its id; anything but 202 is an error. */
  async start(body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const answer = await this.call('POST', '/export', { body, headers });
    if (answer.status !== 202) throw new Error(`POST /export answered ${answer.status}.`);
    return String(answer.body['exportId']);
  }

  status(exportId: string): Promise<Answer> {
    return this.call('GET', `/export/${exportId}/status`);
  }

  /** Waits until the export has one of the statuses. */
  async until(exportId: string, statuses: readonly string[], seconds = 60): Promise<Answer> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const answer = await this.status(exportId);
      if (answer.status === 200 && statuses.includes(String(answer.body['status']))) return answer;
      if (Date.now() > deadline) throw new Error(`Still ${JSON.stringify(answer.body)} after ${seconds} s.`);
      await delay(50);
    }
  }

  ended(exportId: string): Promise<Answer> {
    return this.until(exportId, ['completed', 'failed', 'expired']);
  }

  /** Repeats the DELETE, as a client that follows Retry-After would, until it is answered otherwise than 202. */
  async deleted(exportId: string): Promise<Answer> {
    for (;;) {
      const answer = await this.call('DELETE', `/export/${exportId}`);
      if (answer.status !== 202) return answer;
      await delay(Math.min(1000, Number(answer.headers.get('retry-after')) * 1000));
    }
  }
}
