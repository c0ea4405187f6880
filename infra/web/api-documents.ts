import { asyncApiDocument, eventSchema } from '../../shared/api/asyncapi.ts';
import { openApiDocument, type OpenApiOptions } from '../../shared/api/openapi.ts';
import { EVENT_TYPES } from '../../shared/domain/events.ts';

export interface ApiDocument {
  /** Where it is served, from the root. */
  readonly path: string;
  readonly contentType: string;
  readonly text: string;
}

const written = (path: string, contentType: string, document: object): ApiDocument => ({
  path,
  contentType,
  text: `${JSON.stringify(document, null, 2)}\n`,
});

/** What the service tells programmers of its API and events; made of its own schemas in some milliseconds. */
export const apiDocuments = (options: OpenApiOptions = {}): ApiDocument[] => [
  written('/openapi.json', 'application/json', openApiDocument(options)),
  written('/asyncapi.json', 'application/json', asyncApiDocument()),
  ...EVENT_TYPES.map((type) =>
    written(`/schemas/${type}.json`, 'application/schema+json', eventSchema(type)),
  ),
];
