import { Parser } from '@asyncapi/parser';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, it } from '@jest/globals';
import { apiDocuments } from '../../infra/web/api-documents.ts';
import { createAjv } from '../support/json-schema-check.ts';

const DOCUMENTS = apiDocuments({ issuer: 'https://issuer.test', serverUrl: 'https://api.test' });
const textOf = (path: string): string => DOCUMENTS.find((document) => document.path === path)?.text ?? '';
const SCHEMAS = DOCUMENTS.filter(({ path }) => path.startsWith('/schemas/')).map(
  ({ path }) => [path] as const,
);

interface Example {
  readonly schema?: object;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
  readonly example?: unknown;
}

describe('the documents of the API', () => {
  it('are the API, the events, and a schema of each event', () => {
    expect(DOCUMENTS.map(({ path }) => path)).toEqual([
      '/openapi.json',
      '/asyncapi.json',
      '/schemas/export.initiated.json',
      '/schemas/export.completed.json',
      '/schemas/export.failed.json',
      '/schemas/export.expired.json',
      '/schemas/export.deleted.json',
      '/schemas/export.downloaded.json',
    ]);
  });

  it('tell how to sign in where the issuer is known, and nothing of it where it is not', () => {
    expect(textOf('/openapi.json')).toContain('https://issuer.test/.well-known/openid-configuration');
    expect(apiDocuments()[0]?.text).not.toContain('openIdConnect');
  });

  it('have an OpenAPI document in which redocly finds nothing to say', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const found = await lintFromString({ source: textOf('/openapi.json'), config });
    expect(found.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
  });

  it('have an AsyncAPI document in which its parser finds no error', async () => {
    const { diagnostics, document } = await new Parser().parse(textOf('/asyncapi.json'));
    // AsyncAPI 3.0 is what we write, although there is a later one.
    const found = diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version');
    expect(found.map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
    expect(document?.messages().all()).toHaveLength(6);
  });
});

describe('the examples in the documents', () => {
  it.each(SCHEMAS)('of %s are as the schema says', (path) => {
    const schema = JSON.parse(textOf(path)) as {
      readonly $id: string;
      readonly examples: readonly unknown[];
    };
    const validate = createAjv().compile(schema);
    expect(schema.examples).not.toEqual([]);
    for (const example of schema.examples) expect([validate(example), validate.errors]).toEqual([true, null]);
  });

  it('of the OpenAPI document are as its schemas say', () => {
    const document = JSON.parse(textOf('/openapi.json')) as {
      readonly components: {
        readonly schemas: Readonly<Record<string, { readonly examples?: readonly unknown[] }>>;
        readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, Example>> }>>;
      };
    };
    const ajv = createAjv().addVocabulary(Object.keys(document)).addSchema(document, 'api');
    const { schemas, responses } = document.components;
    const examples = [
      ...Object.entries(schemas).flatMap(([name, { examples: all = [] }]) =>
        all.map((value) => ({ schema: { $ref: `api#/components/schemas/${name}` }, value })),
      ),
      ...Object.entries(responses).flatMap(([name, { content }]) =>
        Object.entries(content).flatMap(([type, { example, examples: named = {} }]) =>
          [
            ...Object.values(named).map(({ value }) => value),
            ...(example === undefined ? [] : [example]),
          ].map((value) => ({
            schema: {
              $ref: `api#/components/responses/${name}/content/${type.replaceAll('/', '~1')}/schema`,
            },
            value,
          })),
        ),
      ),
    ];
    expect(examples.length).toBeGreaterThan(25);
    for (const { schema, value } of examples) {
      expect({ schema, value, isValid: ajv.validate(schema, value) }).toEqual({
        schema,
        value,
        isValid: true,
      });
    }
  });
});
