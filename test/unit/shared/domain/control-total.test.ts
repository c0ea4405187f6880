import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { AccountTotal, type ControlTotal } from '../../../../shared/domain/control-total.ts';
import type { JsonRecord } from '../../../../shared/domain/json-record.ts';
import { TransactionTally } from '../../../../shared/domain/transaction-tally.ts';

/** Numbers in the reference count units of 10^-SCALE: beyond anything that DynamoDB can store. */
const SCALE = 140;

const scaled = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(SCALE, '0'));
};

const plain = (value: bigint): string => {
  const digits = (value < 0n ? -value : value).toString().padStart(SCALE + 1, '0');
  const unsigned = `${digits.slice(0, -SCALE)}.${digits.slice(-SCALE)}`.replace(/\.?0+$/, '');
  return value < 0n ? `-${unsigned}` : unsigned;
};

/** A number as DynamoDB may store it, written as the package writes money. */
const money = fc
  .oneof(
    fc.record({ digits: fc.bigInt(-(10n ** 6n), 10n ** 6n), places: fc.constant(2) }),
    fc.record({
      digits: fc.bigInt(-(10n ** 38n) + 1n, 10n ** 38n - 1n),
      places: fc.integer({ min: 0, max: 130 }),
    }),
  )
  .map(({ digits, places }) => plain(digits * 10n ** BigInt(SCALE - places)));

const NO_MONEY = [undefined, null, '', '1e5', '+1', '.5', '1.', '0x10', 'NaN', ' 1', '1\n', 5, true, ['1']];
const noMoney = fc.constantFrom(...NO_MONEY);

const booking = fc.record({
  day: fc.integer({ min: 0, max: 4 }),
  transactionId: fc.string({ unit: fc.constantFrom('a', 'b', '\uffff', '😀'), maxLength: 6 }),
  accountId: fc.constantFrom('account-1', 'account-2', 'account-1\0', ''),
  currency: fc.constantFrom('EUR', 'USD', '', undefined),
  importOrder: fc.constantFrom(undefined, 0, 1, 2, -1, 1.5, '1', 1e300),
  amount: fc.oneof({ weight: 6, arbitrary: money }, { weight: 1, arbitrary: noMoney }),
  balance: fc.oneof(money, noMoney),
});
type Booking = (typeof booking extends fc.Arbitrary<infer T> ? T : never) & { readonly date?: number };

const isMoney = (value: unknown): value is string =>
  typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);
const bytewise = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const importOrderOf = ({ importOrder }: Booking): number =>
  typeof importOrder === 'number' ? importOrder : 0;

const inOrderOfBooking = (bookings: readonly Booking[]): Booking[] =>
  [...bookings].sort(
    (a, b) =>
      a.day - b.day || importOrderOf(a) - importOrderOf(b) || bytewise(a.transactionId, b.transactionId),
  );

/** The same totals in integers, all bookings in memory, each sum computed anew. */
const expectedTotal = (all: readonly Booking[]): Omit<ControlTotal, 'accountId' | 'currency'> => {
  const bookings = inOrderOfBooking(all);
  const amounts = bookings.map(({ amount }) => (isMoney(amount) ? scaled(amount) : 0n));
  const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
  const offsets = bookings.flatMap(({ balance }, at) =>
    isMoney(balance) ? [scaled(balance) - sum(amounts.slice(0, at + 1))] : [],
  );
  const lastBalance = bookings.map(({ balance }) => balance).findLast(isMoney);
  const last = offsets.at(-1);
  return {
    count: bookings.length,
    debits: plain(sum(amounts.filter((amount) => amount < 0n))),
    credits: plain(sum(amounts.filter((amount) => amount > 0n))),
    net: plain(sum(amounts)),
    lastBalance: lastBalance === undefined ? null : plain(scaled(lastBalance)),
    balanceMinusNet: last === undefined ? null : plain(last),
    balanceMinusNetConstant: last === undefined ? null : offsets.every((offset) => offset === last),
  };
};

const recordOf = ({ day, ...attributes }: Booking): JsonRecord => ({ ...attributes, date: day });

/** As the package holds them: by date, then id. */
const totalsOf = (bookings: readonly Booking[]): readonly ControlTotal[] => {
  const tally = new TransactionTally();
  [...bookings]
    .sort((a, b) => a.day - b.day || bytewise(a.transactionId, b.transactionId))
    .forEach((one) => tally.add(recordOf(one)));
  return tally.result().controlTotals;
};

const expectedTotals = (bookings: readonly Booking[]): readonly ControlTotal[] => {
  const keys = new Map(bookings.map((one) => [JSON.stringify([one.accountId, one.currency ?? null]), one]));
  return [...keys.values()]
    .map(({ accountId, currency = null }) => ({
      accountId,
      currency,
      ...expectedTotal(
        bookings.filter((one) => one.accountId === accountId && (one.currency ?? null) === currency),
      ),
    }))
    .sort(
      (a, b) =>
        bytewise(a.accountId, b.accountId) ||
        (a.currency === null ? -1 : b.currency === null ? 1 : bytewise(a.currency, b.currency)),
    );
};

const household = fc.uniqueArray(booking, { selector: ({ transactionId }) => transactionId, maxLength: 40 });

describe('control totals', () => {
  it('are the sums in plain integers, to the last digit, for every account and currency', () => {
    fc.assert(
      fc.property(household, (bookings) => {
        expect(totalsOf(bookings)).toEqual(expectedTotals(bookings));
      }),
      { numRuns: 300 },
    );
  });

  it('find that balance and net keep their distance in books that are kept in the order of import', () => {
    fc.assert(
      fc.property(household, money, fc.func(fc.boolean()), (drawn, opening, hasBalance) => {
        let running = scaled(opening);
        const bookings = inOrderOfBooking(
          drawn.map((one) => ({ ...one, accountId: 'account-1', currency: 'EUR' })),
        ).map((one) => {
          running += isMoney(one.amount) ? scaled(one.amount) : 0n;
          return { ...one, balance: hasBalance(one.transactionId) ? plain(running) : undefined };
        });
        const known = bookings.some(({ balance }) => balance !== undefined);
        for (const total of totalsOf(bookings)) {
          expect(total).toMatchObject({
            balanceMinusNet: known ? opening : null,
            balanceMinusNetConstant: known ? true : null,
          });
        }
      }),
    );
  });

  it('do not depend on which transactions of other accounts pass between', () => {
    fc.assert(
      fc.property(household, (bookings) => {
        const alone = bookings.filter(({ accountId }) => accountId === 'account-1');
        const among = totalsOf(bookings).filter(({ accountId }) => accountId === 'account-1');
        expect(among).toEqual(totalsOf(alone));
      }),
    );
  });

  it('write zero as 0, also where amounts cancel out, and never an exponent', () => {
    const total = new AccountTotal('account-1', null);
    for (const amount of [`1${'0'.repeat(30)}`, `-1${'0'.repeat(30)}`, '0', '-0', '-0.00'])
      total.add({ amount });
    expect(total.result()).toMatchObject({
      count: 5,
      debits: `-1${'0'.repeat(30)}`,
      credits: `1${'0'.repeat(30)}`,
      net: '0',
    });
    const tiny = new AccountTotal('account-1', null);
    tiny.add({ amount: `0.${'0'.repeat(129)}1`, balance: '-0' });
    expect(tiny.result()).toMatchObject({ net: `0.${'0'.repeat(129)}1`, lastBalance: '0' });
  });
});

describe('a day with more bookings of an account than are put in order', () => {
  const CROWD = 25_000;
  /** Imported backwards, so that the order of passing is the wrong one. */
  const crowd = (fields: object) =>
    Array.from({ length: CROWD }, (_, at) => ({
      transactionId: String(at).padStart(6, '0'),
      importOrder: CROWD - at,
      amount: '0.01',
      balance: String(at),
      ...fields,
    }));

  const total = new AccountTotal('account-1', 'EUR');
  total.add({ transactionId: 'before', amount: '-1', balance: '99' });
  total.endDay();
  for (const one of crowd({})) total.add(one);
  const atItsEnd = total.result();
  total.add({ transactionId: 'after', amount: '-1', balance: '5' });

  it('is added up exactly, its last balance the one imported last', () => {
    expect(atItsEnd).toMatchObject({
      count: CROWD + 1,
      debits: '-1',
      credits: '250',
      net: '249',
      lastBalance: '0',
    });
  });

  it('tells nothing of what needs the order, rather than something wrong', () => {
    expect(atItsEnd).toMatchObject({ balanceMinusNet: null, balanceMinusNetConstant: null });
  });

  it('leaves the days after it exact', () => {
    expect(total.result()).toMatchObject({ lastBalance: '5', balanceMinusNet: '-243', net: '248' });
    expect(total.result().balanceMinusNetConstant).toBeNull();
  });

  it('changes nothing when it has no balances', () => {
    const books = new AccountTotal('account-1', 'EUR');
    books.add({ amount: '-1', balance: '99' });
    books.endDay();
    for (const one of crowd({ balance: undefined })) books.add(one);
    books.endDay();
    books.add({ amount: '1', balance: '350' });
    expect(books.result()).toMatchObject({ balanceMinusNet: '100', balanceMinusNetConstant: true });
  });
});
