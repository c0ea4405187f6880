import {
  QueryCommand,
  type DynamoDBClient,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { crc32 } from 'node:zlib';
import { ServiceUnavailable } from '../domain/errors.ts';
import type { Section } from '../domain/sections.ts';
import type { PageItem } from './item-json/page-item.ts';
import { readPageItems } from './item-json/read-page-items.ts';

/** A page of a Query, its items as JSON. */
export interface QueryPage {
  readonly items: readonly PageItem[];
  /** Also where the query asks for no items. */
  readonly count: number;
  readonly LastEvaluatedKey: QueryCommandOutput['LastEvaluatedKey'];
}

interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  body: AsyncIterable<Uint8Array> | Uint8Array;
}

const isHttpAnswer = (response: unknown): response is HttpAnswer =>
  typeof response === 'object' &&
  response !== null &&
  'statusCode' in response &&
  'headers' in response &&
  'body' in response;

const wholeBody = async (body: HttpAnswer['body']): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body instanceof Uint8Array ? [body] : body) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** DynamoDB sends a checksum with each answer, which the SDK leaves alone. The SDK repeats a call that fails so. */
const assertAsSent = (body: Buffer, { headers }: HttpAnswer): void => {
  const sent = headers['x-amz-crc32'];
  if (sent === undefined || Number(sent) === crc32(body)) return;
  const error = new ServiceUnavailable('An answer of DynamoDB was changed on its way.');
  throw Object.assign(error, { $retryable: { throttling: false } });
};

/**
 * Sends a Query whose answer goes around the SDK's own deserializer, all but its items: signing, retries, endpoint and
 * errors stay the SDK's.
 */
export const queryPage = async (
  client: DynamoDBClient,
  section: Section,
  input: QueryCommandInput,
): Promise<QueryPage> => {
  const command = new QueryCommand(input);
  let items: QueryPage['items'] = [];
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const answer = result.response;
      if (!isHttpAnswer(answer) || answer.statusCode !== 200) return result;
      const body = await wholeBody(answer.body);
      assertAsSent(body, answer);
      const page = readPageItems(body, section);
      items = page.items;
      answer.body = Buffer.from(page.rest);
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'itemsAreReadAsBytes' },
  );
  const { Count: count = 0, LastEvaluatedKey } = await client.send(command);
  if (input.Select !== 'COUNT' && items.length !== count)
    throw new TypeError(`DynamoDB told of ${count} items, and ${items.length} were read.`);
  return { items, count, LastEvaluatedKey };
};
