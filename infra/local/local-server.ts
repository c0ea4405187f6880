import type { Server } from 'node:http';

/** A server of the local system: where it listens and how it is stopped. */
export interface LocalServer {
  /** Base URL without a trailing slash, for example `http://127.0.0.1:4566`. */
  readonly url: string;
  /** Stops listening, ends open connections and releases everything the server holds. */
  close(): Promise<void>;
}

/** A port that the system does not let us have, in a sentence that names it. */
export class PortRefused extends Error {
  override readonly name = 'PortRefused';
}

const refusalOf = (error: NodeJS.ErrnoException, port: number): Error => {
  switch (error.code) {
    case 'EADDRINUSE':
      return new PortRefused(
        `Port ${port} is in use. Stop the program that holds it or choose another port.`,
      );
    case 'EACCES':
      return new PortRefused(`Port ${port} is not for every user. Choose another port, above 1023.`);
    default:
      return error;
  }
};

/**
 * Listens on 127.0.0.1 only. Port 0 lets the system choose a free one.
 * @throws PortRefused when it is taken
 */
export const listenOnLoopback = async (server: Server, port: number): Promise<LocalServer> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(refusalOf(error, port));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP address.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
};
