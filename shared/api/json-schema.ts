import * as z from 'zod/mini';
import { documentation } from './documentation.ts';

/** A JSON Schema, or a part of one. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** A format says it shorter than the pattern that zod has for it. */
const withoutRepetition = ({ jsonSchema }: { jsonSchema: JsonSchema }): void => {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
};

const PARAMS = { metadata: documentation, override: withoutRepetition } as const;

/** One self-contained schema (draft 2020-12); objects in it have no other fields than those it names. */
export const jsonSchema = (schema: z.ZodMiniType): JsonSchema => z.toJSONSchema(schema, PARAMS);

/** As a part of a document that says itself what dialect its schemas are of. */
const asPart = (schema: JsonSchema): JsonSchema => {
  const part = { ...schema };
  delete part.$schema;
  delete part.$id;
  return part;
};

/** What a client may send: what has a default may be left out. */
export const inputSchema = (schema: z.ZodMiniType): JsonSchema =>
  asPart(z.toJSONSchema(schema, { ...PARAMS, io: 'input' }));

/**
 * Schemas by the names they are documented under, each of which refers to others as `prefix` and the name. AsyncAPI knows
 * draft 7 only.
 */
export const namedSchemas = (
  schemas: readonly z.ZodMiniType[],
  prefix: string,
  target: 'draft-2020-12' | 'draft-07' = 'draft-2020-12',
): Readonly<Record<string, JsonSchema>> => {
  const named = z.registry<{ id: string }>();
  for (const schema of schemas) named.add(schema, { id: documentation.get(schema)?.id ?? '' });
  const { schemas: made } = z.toJSONSchema(named, { ...PARAMS, target, uri: (id) => prefix + id });
  return Object.fromEntries(Object.entries(made).map(([name, schema]) => [name, asPart(schema)]));
};
