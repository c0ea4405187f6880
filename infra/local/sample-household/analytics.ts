import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { item, list, map, number, text } from './attribute-values.ts';
import type { Item } from './attribute-values.ts';
import { DAY_MS, isoMonth } from './calendar.ts';
import { decimalFromCents } from './money.ts';
import type { Statement, StatementEntry } from './statement.ts';

const MONTHS_KEPT = 12;

/** Epoch seconds at the start of the year 2100. */
const LIVES_LONG = 4_102_444_800;

interface BookedEntry extends StatementEntry {
  readonly accountId: string;
  readonly currency: string;
  readonly month: string;
  readonly cents: number;
}

interface Finding {
  readonly analyticType: string;
  readonly timePeriod: string;
  readonly accountId?: string;
  readonly data: AttributeValue;
}

const bookedEntries = (statements: readonly Statement[]): BookedEntry[] =>
  statements.flatMap(({ accountId, account, entries }) =>
    entries.flatMap((entry) =>
      entry.cents === null
        ? []
        : [
            {
              ...entry,
              accountId,
              currency: account.currency,
              month: isoMonth(entry.date),
              cents: entry.cents,
            },
          ],
    ),
  );

const sum = (entries: readonly BookedEntry[]): number =>
  entries.reduce((total, { cents }) => total + cents, 0);

const money = (cents: number): AttributeValue => number(decimalFromCents(cents));

const flowOf = (entries: readonly BookedEntry[]): AttributeValue => {
  const income = sum(entries.filter(({ cents }) => cents > 0));
  const expenses = sum(entries.filter(({ cents }) => cents < 0));
  return map({
    income: money(income),
    expenses: money(expenses),
    net: money(income + expenses),
    bookings: number(entries.length),
    savingsRate: income === 0 ? { NULL: true } : number((income + expenses) / income),
  });
};

const byCurrency = (
  entries: readonly BookedEntry[],
  describe: (those: readonly BookedEntry[]) => AttributeValue,
): AttributeValue => {
  const groups = Map.groupBy(entries, ({ currency }) => currency);
  return map(Object.fromEntries([...groups].map(([currency, those]) => [currency, describe(those)])));
};

const trendsOf = (entries: readonly BookedEntry[]): AttributeValue => {
  const groups = Map.groupBy(entries, ({ merchant }) => merchant?.category ?? 'Uncategorised');
  return list(
    [...groups].map(([category, those]) =>
      map({
        category: text(category),
        total: money(sum(those)),
        bookings: number(those.length),
        average: number(sum(those) / those.length / 100),
        largest: list(
          those
            .map(({ cents }) => cents)
            .sort((one, other) => Math.abs(other) - Math.abs(one))
            .slice(0, 3)
            .map(money),
        ),
      }),
    ),
  );
};

const monthlyFindings = (month: string, entries: readonly BookedEntry[]): Finding[] => [
  { analyticType: 'cash_flow', timePeriod: month, data: map({ currencies: byCurrency(entries, flowOf) }) },
  {
    analyticType: 'category_trends',
    timePeriod: month,
    data: map({ currencies: byCurrency(entries, trendsOf) }),
  },
  ...[...Map.groupBy(entries, ({ accountId }) => accountId)].map(([accountId, those]) => ({
    analyticType: 'cash_flow',
    timePeriod: month,
    accountId,
    data: flowOf(those),
  })),
];

const healthFinding = (year: string, entries: readonly BookedEntry[]): Finding => ({
  analyticType: 'financial_health',
  timePeriod: year,
  data: map({
    currencies: byCurrency(entries, flowOf),
    months: map(
      Object.fromEntries(
        [...Map.groupBy(entries, ({ month }) => month)].map(([month, those]) => [
          month,
          byCurrency(those, flowOf),
        ]),
      ),
    ),
  }),
});

const inOrder = <T>(periods: ReadonlyMap<string, T>): [string, T][] =>
  [...periods].sort(([one], [other]) => (one < other ? -1 : 1));

const findingItem = (
  userId: string,
  { analyticType, timePeriod, accountId, data }: Finding,
  computedAt: number,
) =>
  item({
    pk: text(`${userId}#${analyticType}`),
    sk: text(`${timePeriod}#${accountId ?? 'ALL'}`),
    userId: text(userId),
    analyticType: text(analyticType),
    timePeriod: text(timePeriod),
    accountId: accountId === undefined ? undefined : text(accountId),
    data,
    computedDate: text(new Date(computedAt).toISOString()),
    dataThroughDate: text(new Date(computedAt - DAY_MS).toISOString()),
    ttl: analyticType === 'cash_flow' ? number(LIVES_LONG) : undefined,
  });

/** What the application has worked out from the bookings: the last twelve months one by one, and each calendar year. */
export const analyticsItems = (userId: string, statements: readonly Statement[], end: number): Item[] => {
  const entries = bookedEntries(statements);
  const months = inOrder(Map.groupBy(entries, ({ month }) => month)).slice(-MONTHS_KEPT);
  const years = inOrder(Map.groupBy(entries, ({ month }) => month.slice(0, 4)));
  const findings = [
    ...months.flatMap(([month, those]) => monthlyFindings(month, those)),
    ...years.map(([year, those]) => healthFinding(year, those)),
  ];
  return findings.map((finding) => findingItem(userId, finding, end));
};
