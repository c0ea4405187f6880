import type * as z from 'zod/mini';
import { InterimCorrupted } from '../domain/errors.ts';

/**
 * What one step wrote for another, parsed. A parser's own error would quote what stands there, and end up in the
 * execution's history: so it is dropped, and not even kept as the cause.
 * @throws InterimCorrupted
 */
export const readAsWritten = <T>(
  json: string,
  shape: z.ZodMiniType<T>,
  parse: (json: string) => unknown = JSON.parse,
): T => {
  const read = shape.safeParse(parsedIfJson(json, parse));
  if (read.success) return read.data;
  throw new InterimCorrupted('What was collected cannot be read: it is not as it was written.');
};

const parsedIfJson = (json: string, parse: (json: string) => unknown): unknown => {
  try {
    return parse(json);
  } catch {
    return undefined;
  }
};
