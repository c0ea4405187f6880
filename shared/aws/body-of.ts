import { Readable } from 'node:stream';
import { ServiceUnavailable } from '../domain/errors.ts';

/**
 * The body of a GetObject answer as a stream. One that breaks off, or whose bytes do not match their checksum, fails as
 * `ServiceUnavailable`: reading it again can help.
 */
export const bodyOf = ({ Body }: { readonly Body?: unknown }, service: string): Readable => {
  if (!(Body instanceof Readable)) throw new ServiceUnavailable(`${service} answered without a body.`);
  const body = Body;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw new ServiceUnavailable(`${service} broke off in the middle of an object.`, { cause: error });
    }
  }
  return Readable.from(chunks(), { objectMode: false });
};
