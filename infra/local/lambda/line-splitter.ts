import type { Readable } from 'node:stream';

/** Hands every line of a text stream to `onLine`, the last one too when the stream ends without a line break. */
export const splitLines = (stream: Readable, onLine: (line: string) => void): void => {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
    rest = '';
  });
};
