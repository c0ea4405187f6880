import type { QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { BareAnswer, BareClient } from './bare-client.ts';

/** A user's items in an index, asked for as the product asks for them. */
export const userItemsQuery = (table: string, index: string, userId: string): QueryCommandInput => ({
  TableName: table,
  IndexName: index,
  KeyConditionExpression: '#partition = :partition',
  ExpressionAttributeNames: { '#partition': 'userId' },
  ExpressionAttributeValues: { ':partition': { S: userId } },
});

const LAST_KEY = Buffer.from('"LastEvaluatedKey":');

/**
 * Where the next page begins, found without parsing the page: the member stands behind the items, or before them. A text in
 * an item cannot be taken for it, as its quotes would be escaped.
 */
export const lastEvaluatedKey = (page: Buffer): unknown => {
  const at = page.lastIndexOf(LAST_KEY);
  if (at === -1) return undefined;
  const start = at + LAST_KEY.length;
  let depth = 0;
  let inText = false;
  for (let end = start; end < page.length; end += 1) {
    const byte = String.fromCharCode(page[end] ?? 0);
    if (inText) {
      if (byte === '\\') end += 1;
      if (byte === '"') inText = false;
    } else if (byte === '"') inText = true;
    else if (byte === '{') depth += 1;
    else if (byte === '}') {
      depth -= 1;
      if (depth === 0) return JSON.parse(page.toString('utf8', start, end + 1));
    }
  }
  throw new Error('A page ends within its LastEvaluatedKey.');
};

/** Every page of a query's answers over bare HTTP, one after another. */
export async function* barePages(client: BareClient, query: object): AsyncGenerator<BareAnswer> {
  let start: unknown;
  do {
    const answer = await client.send({
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.Query',
      },
      body: JSON.stringify({ ...query, ...(start === undefined ? {} : { ExclusiveStartKey: start }) }),
    });
    yield answer;
    start = lastEvaluatedKey(answer.body);
  } while (start !== undefined);
}
