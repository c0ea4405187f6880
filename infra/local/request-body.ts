import type { IncomingMessage } from 'node:http';

/**
 * The body of a request, or undefined when it is larger than `limit` bytes. It is read to its end in any case, because a
 * client that is cut off while it still sends never sees an answer. Rejects when the client breaks it off.
 */
export const readRequestBody = (request: IncomingMessage, limit: number): Promise<Buffer | undefined> =>
  new Promise((resolve, reject) => {
    const brokenOff = () => reject(new Error('The request was broken off.'));
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
    });
    request.on('end', () => resolve(length <= limit ? Buffer.concat(chunks) : undefined));
    request.on('error', brokenOff);
    request.on('close', brokenOff);
    // That may have been before anybody listened.
    if (request.destroyed) brokenOff();
  });
