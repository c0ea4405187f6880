import * as z from 'zod/mini';
import { documentation } from './documentation.ts';

/** The values that replies and events are made of, each made anew because each is described by itself. */

export const count = (description: string) =>
  z.int().check(z.nonnegative()).register(documentation, { description });

export const text = (description: string) => z.string().register(documentation, { description });

export const flag = (description: string) => z.boolean().register(documentation, { description });

export const choice = <const T extends string>(values: readonly T[], description: string) =>
  z.enum(values).register(documentation, { description });

export const uuid = (description: string) => z.uuid().register(documentation, { description });

/** UTC with milliseconds, as `Date` writes it. */
export const time = (description: string) =>
  z.iso.datetime({ precision: 3 }).register(documentation, { description });

export const epochMs = (description: string) =>
  z
    .int()
    .check(z.nonnegative())
    .register(documentation, { description: `${description} In epoch ms.` });

export const sha256 = (description: string) =>
  z
    .string()
    .check(z.regex(/^[0-9a-f]{64}$/))
    .register(documentation, { description });

/** Says of a schema what it stands for. */
export const describe = (schema: z.ZodMiniType, description: string): void => {
  documentation.add(schema, { description });
};

/** The described value, or null: what is told of the value is told of both. */
export const orNull = <T extends z.ZodMiniType>(value: T, when = '') => {
  const { description = '' } = documentation.get(value) ?? {};
  documentation.remove(value);
  const nullable = z.nullable(value);
  describe(nullable, `${description} ${when}`.trim());
  return nullable;
};
