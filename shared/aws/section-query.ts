import type { AttributeValue, QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { DateRange } from '../domain/selection.ts';

/** What a query asks of an index, without its table. */
export type SectionQuery = Pick<
  QueryCommandInput,
  | 'IndexName'
  | 'KeyConditionExpression'
  | 'FilterExpression'
  | 'ExpressionAttributeNames'
  | 'ExpressionAttributeValues'
>;

/** An attribute that must have one of the values. */
export interface ListFilter {
  readonly attribute: string;
  readonly values: ReadonlySet<string>;
}

export interface WantedItems {
  readonly index: string;
  readonly partition: readonly [attribute: string, value: string];
  /** On the index's sort key `date`. */
  readonly dates: DateRange | undefined;
  /** Not on keys of the index or the table, which a filter expression cannot name. */
  readonly conditions: readonly ListFilter[];
}

/** IN takes at least one value, and at most so many (DynamoDB API reference, "Comparison operator and function reference"). */
const LARGEST_LIST = 100;

const dateCondition = ({ start, end }: DateRange): string =>
  start === undefined
    ? '#date <= :end'
    : end === undefined
      ? '#date >= :start'
      : '#date BETWEEN :start AND :end';

const number = (name: string, value: number | undefined): Record<string, AttributeValue> =>
  value === undefined ? {} : { [name]: { N: String(value) } };

const listed = ({ values }: ListFilter, at: number): Record<string, AttributeValue> =>
  Object.fromEntries([...values].map((value, place) => [`:value${at}_${place}`, { S: value }]));

/**
 * A query that leaves out in DynamoDB what it can: dates by the key, so that they are not even read, and short lists of
 * ids by a filter, so that what they leave out is not transferred. Longer lists are left to the reader of the items.
 */
export const sectionQuery = ({ index, partition, dates, conditions }: WantedItems): SectionQuery => {
  const filters = conditions.filter(({ values }) => values.size > 0 && values.size <= LARGEST_LIST);
  const lists = filters.map(listed);
  const keys = ['#partition = :partition', ...(dates === undefined ? [] : [dateCondition(dates)])];
  return {
    IndexName: index,
    KeyConditionExpression: keys.join(' AND '),
    ...(filters.length === 0
      ? {}
      : {
          FilterExpression: lists
            .map((values, at) => `#filter${at} IN (${Object.keys(values).join(', ')})`)
            .join(' AND '),
        }),
    ExpressionAttributeNames: {
      '#partition': partition[0],
      ...(dates === undefined ? {} : { '#date': 'date' }),
      ...Object.fromEntries(filters.map(({ attribute }, at) => [`#filter${at}`, attribute])),
    },
    ExpressionAttributeValues: {
      ':partition': { S: partition[1] },
      ...number(':start', dates?.start),
      ...number(':end', dates?.end),
      ...Object.fromEntries(lists.flatMap((values) => Object.entries(values))),
    },
  };
};
