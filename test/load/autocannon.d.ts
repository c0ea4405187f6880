/** The part of autocannon 9 that is used here; it has no types of its own. */
declare module 'autocannon' {
  export interface Request {
    readonly method: 'GET' | 'POST';
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
  }

  export interface Options {
    readonly url: string;
    readonly connections: number;
    /** Requests a second of each connection. */
    readonly connectionRate: number;
    /** Requests in all. */
    readonly amount: number;
    /** Seconds. */
    readonly timeout: number;
    /** Each connection sends them one after the other, over and over. */
    readonly requests: readonly Request[];
  }

  export interface Run {
    on(
      event: 'response',
      listener: (client: unknown, status: number, bytes: number, ms: number) => void,
    ): this;
    on(event: 'reqError', listener: (error: Error) => void): this;
    stop(): void;
  }

  const autocannon: (options: Options, done: (error: Error | null) => void) => Run;
  export { autocannon as default };
}
