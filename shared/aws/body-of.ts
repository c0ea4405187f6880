import { finished, PassThrough, Readable } from 'node:stream';
import { ServiceUnavailable } from '../domain/errors.ts';

/**
 * The body of a GetObject answer as a stream; in Node it always is one. A body that is cut, or is not what its checksum
 * says, fails with ServiceUnavailable: the SDK detects both but retries neither.
 */
export const bodyOf = ({ Body }: { readonly Body?: unknown }, service: string): Readable => {
  if (!(Body instanceof Readable)) throw new ServiceUnavailable(`${service} answered without a body.`);
  const received = new PassThrough();
  finished(Body, { writable: false }, (cause) => {
    if (cause) {
      received.destroy(new ServiceUnavailable(`${service} did not give a whole answer.`, { cause }));
    }
  });
  finished(received, () => Body.destroy());
  return Body.pipe(received);
};
