import { Readable } from 'node:stream';
import { ServiceUnavailable } from '../domain/errors.ts';

/** The body of a GetObject answer as a stream; in Node it always is one. */
export const bodyOf = ({ Body }: { readonly Body?: unknown }, service: string): Readable => {
  if (!(Body instanceof Readable)) throw new ServiceUnavailable(`${service} answered without a body.`);
  return Body;
};
