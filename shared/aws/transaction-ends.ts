import type { QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { EndPage, TransactionEnds } from '../ports.ts';
import type { QueryPage } from './query-page.ts';
import type { SectionQuery } from './section-query.ts';

/** A page of the table the transactions are in; it may be empty and not be the last. */
type ReadPage = (
  query: SectionQuery &
    Pick<QueryCommandInput, 'ProjectionExpression' | 'ScanIndexForward' | 'ExclusiveStartKey'>,
) => Promise<QueryPage>;

interface EndOfIndex {
  /** Epoch ms, from the outside in. */
  readonly dates: readonly number[];
  /** Whether there is nothing beyond. */
  readonly isAll: boolean;
}

/** Only dates travel; what is counted as read is one page of whole items all the same (DynamoDB, "Query"). */
const endOf = async (read: ReadPage, query: SectionQuery, ScanIndexForward: boolean): Promise<EndOfIndex> => {
  let ExclusiveStartKey: QueryPage['LastEvaluatedKey'];
  do {
    const { items, LastEvaluatedKey } = await read({
      ...query,
      ExpressionAttributeNames: { ...query.ExpressionAttributeNames, '#date': 'date' },
      ProjectionExpression: '#date',
      ScanIndexForward,
      ExclusiveStartKey,
    });
    const dates = items.map((item) => Number(item.digits('date')));
    if (dates.length > 0) return { dates, isAll: LastEvaluatedKey === undefined };
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return { dates: [], isAll: true };
};

const pageOf = ({ dates }: EndOfIndex): EndPage => ({
  count: dates.length,
  middle: dates[dates.length >> 1] ?? NaN,
  inner: dates.at(-1) ?? NaN,
});

/** Both ends of the index that the query reads by date; undefined, after one page, where that holds everything. */
export const readTransactionEnds = async (
  read: ReadPage,
  query: SectionQuery,
): Promise<TransactionEnds | undefined> => {
  const first = await endOf(read, query, true);
  if (first.isAll) return undefined;
  return { first: pageOf(first), last: pageOf(await endOf(read, query, false)) };
};
