import * as z from 'zod/mini';
import { EVENT_SOURCE, EVENT_TYPES, type EventType } from '../domain/events.ts';
import { documentation } from './documentation.ts';
import { EVENT_OCCASIONS, eventDetails } from './events.ts';
import { jsonSchema, namedSchemas, type JsonSchema } from './json-schema.ts';
import { packageWarning, sectionCounts } from './package-figures.ts';
import { choice, text, uuid } from './values.ts';

/** The schema of an event's detail (draft 2020-12), which stands by itself. */
export const eventSchema = (type: EventType): JsonSchema => {
  const { $schema, ...schema } = jsonSchema(eventDetails[type]);
  return {
    ...($schema === undefined ? {} : { $schema }),
    $id: `urn:household-data-export:schema:${type}:1.0`,
    title: type,
    ...schema,
  };
};

const CHANNEL = 'exportEvents';
const SCHEMAS = '#/components/schemas/';

/** `export.completed` as `exportCompleted`. */
const nameOf = (type: EventType): string =>
  type.replace(/\.(.)/g, (_, letter: string) => letter.toUpperCase());

/** An event as EventBridge hands it to a target; more may stand beside what is told here. */
const eventMessage = (type: EventType) =>
  z
    .looseObject({
      version: z.literal('0'),
      id: uuid("EventBridge's id of the event; `detail.eventId` is the same for every repeat."),
      'detail-type': choice([type], 'Which event it is.'),
      source: z.literal(EVENT_SOURCE),
      account: text('The AWS account it comes from.'),
      time: z.iso.datetime().register(documentation, { description: 'When it happened, to the second.' }),
      region: text('The AWS region it comes from.'),
      resources: z.array(z.string()),
      detail: eventDetails[type],
    })
    .register(documentation, { id: nameOf(type), description: EVENT_OCCASIONS[type] });

const MESSAGES = EVENT_TYPES.map(eventMessage);

const envelope = (type: EventType, detail: unknown) => ({
  version: '0',
  id: '7f1c2f0a-6d5b-4a43-9a3e-0c8f6f1f2b10',
  'detail-type': type,
  source: EVENT_SOURCE,
  account: '123456789012',
  time: '2026-11-23T08:40:15Z',
  region: 'eu-central-1',
  resources: [],
  detail,
});

const message = (type: EventType) => ({
  name: type,
  title: type,
  summary: EVENT_OCCASIONS[type],
  contentType: 'application/json',
  correlationId: {
    description: "One id from the user's request through everything that came of it.",
    location: '$message.payload#/detail/correlationId',
  },
  examples: (documentation.get(eventDetails[type])?.examples ?? []).map((detail) => ({
    name: nameOf(type),
    payload: envelope(type, detail),
  })),
  payload: { $ref: `${SCHEMAS}${nameOf(type)}` },
});

/** Every message of a place in the document, by reference to another. */
const references = (place: string) =>
  EVENT_TYPES.map((type) => [nameOf(type), { $ref: `#/${place}/messages/${nameOf(type)}` }] as const);

/** The events as an AsyncAPI 3.0 document, from the schemas to which those who make them are held. */
export const asyncApiDocument = () => ({
  asyncapi: '3.0.0',
  info: {
    title: 'Household data export: events',
    version: '1.0.0',
    description:
      'What becomes of exports, published on an EventBridge bus of the deployment. An event may come more than once, and events ' +
      'may come in any order: `detail.eventId` tells repeats, `detail.timestamp` (epoch ms) when it happened. Sizes are in bytes. ' +
      'Match a rule on `source` and `detail-type`.',
    license: { name: 'Proprietary' },
  },
  defaultContentType: 'application/json',
  servers: {
    eventBridge: {
      host: 'events.{region}.amazonaws.com',
      protocol: 'eventbridge',
      description: 'Amazon EventBridge. Consumers have rules on the bus; they do not connect to it.',
      variables: { region: { description: 'Where the service is deployed.', default: 'eu-central-1' } },
    },
  },
  channels: {
    [CHANNEL]: {
      address: '{eventBus}',
      description: 'The event bus of the deployment.',
      parameters: { eventBus: { description: 'Name of the bus.' } },
      messages: Object.fromEntries(references('components')),
    },
  },
  operations: {
    publishExportEvent: {
      action: 'send',
      summary: 'Tells what has become of an export.',
      channel: { $ref: `#/channels/${CHANNEL}` },
      messages: references(`channels/${CHANNEL}`).map(([, reference]) => reference),
    },
  },
  components: {
    messages: Object.fromEntries(EVENT_TYPES.map((type) => [nameOf(type), message(type)])),
    schemas: namedSchemas([...MESSAGES, sectionCounts, packageWarning], SCHEMAS, 'draft-07'),
  },
});
