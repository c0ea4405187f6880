import * as z from 'zod/mini';

/** What the gateway sends for a function's result. */
export interface ProxyResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: string | Buffer | undefined;
}

const structuredResult = z.object({
  statusCode: z.int().check(z.minimum(200), z.maximum(599)),
  headers: z.optional(z.nullable(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])))),
  cookies: z.optional(z.nullable(z.array(z.string()))),
  body: z.optional(z.nullable(z.string())),
  isBase64Encoded: z.optional(z.nullable(z.boolean())),
});

type StructuredResult = z.infer<typeof structuredResult>;

const lowerCased = (headers: StructuredResult['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );

const fromStructured = ({
  statusCode,
  headers,
  cookies,
  body,
  isBase64Encoded,
}: StructuredResult): ProxyResponse => ({
  status: statusCode,
  headers: { 'content-type': 'text/plain;charset=UTF-8', ...lowerCased(headers) },
  cookies: cookies ?? [],
  body: isBase64Encoded === true ? Buffer.from(body ?? '', 'base64') : (body ?? undefined),
});

/** A result without a status code is the body of a 200, as payload format 2.0 infers it. */
const inferred = (result: unknown): ProxyResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  cookies: [],
  body: typeof result === 'string' ? result : JSON.stringify(result),
});

/** Reads a function's result; undefined when it has a status code and is malformed, which API Gateway answers with 500. */
export const proxyResponseOf = (result: unknown): ProxyResponse | undefined => {
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) return inferred(result);
  const parsed = structuredResult.safeParse(result);
  return parsed.success ? fromStructured(parsed.data) : undefined;
};
