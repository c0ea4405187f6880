import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { list, map, number, text } from './attribute-values.ts';
import type { Item } from './attribute-values.ts';
import type { Booking } from './bookings.ts';
import { DAY_MS, monthBefore } from './calendar.ts';
import { MARKET_STALL } from './merchants.ts';
import { decimalFromCents } from './money.ts';
import type { PseudoRandom } from './pseudo-random.ts';

const MARKET_SALES = 552;

/** Amounts which arithmetic in doubles, a fixed number of decimals or an exponent would spoil. */
const AWKWARD_AMOUNTS = [
  '0.1',
  '12.50',
  '0.00',
  '0.30000000000000004',
  '1234567890123456.78',
  '9007199254740993',
  '12345678901234567890123456789012345678',
  '0.12345678901234567890123456789012345678',
  '99999999999999999999999999999999999.999',
  '0.000000000000000000000000000001',
];

const AWKWARD_DESCRIPTIONS = [
  '',
  ' ',
  'Family 👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽',
  'תשלום עבור ארוחת ערב – 120 ₪',
  'دفعة شهرية ١٢٣',
  'invoice \u202Efdp.exe',
  'Za\u0308hler und Z\u00E4hler',
  'first line\nsecond line\r\nthird\tcolumn',
  'He said "no, never"; then, after 3,50 €, "yes"',
  `=HYPERLINK("http://localhost/","click")`,
  '+49 30 000000',
  '<script>alert("x")</script> & <b>bold</b>',
  "'; DROP TABLE transactions; --",
  '^ a caret, D01/01/2021 and </STMTTRN>',
  '(parentheses) and a back\\slash',
  '字'.repeat(1000),
];

const nested = (levels: number): AttributeValue =>
  levels === 0 ? text('the innermost') : map({ level: number(levels), below: list([nested(levels - 1)]) });

const ODDITIES: readonly Item[] = [
  { transactionHash: number('18446744073709551615') },
  { transactionHash: number('9007199254740993') },
  { transactionHash: number(0) },
  { balance: number('1E-30') },
  { balance: number('-9.9999999999999999999999999999999999999E+37') },
  { memo: text(''), checkNumber: { NULL: true }, currency: text('XAU') },
  { memo: text('a \u0000 character that ends strings elsewhere') },
  {
    tags: { SS: ['zwei', 'één', '三'] },
    readings: { NS: ['10', '9', '1E-130', '18446744073709551615'] },
  },
  { thumbnails: { BS: [Buffer.from([0, 255, 1]), Buffer.from([0]), Buffer.from('é')] } },
  { receipt: { B: Buffer.from('89504e470d0a1a0a00ff', 'hex') }, legacyFlag: { BOOL: false } },
  { importTrace: nested(14) },
  { emptyList: list([]), emptyMap: map({}), emptyBytes: { B: Buffer.alloc(0) }, categories: list([]) },
  { 'an unusual/name with "quotes", spaces and 💶': text('kept') },
  {
    splits: list([map({ amount: number('-3.10') }), number('1.0'), { NULL: true }, { BOOL: true }, text('')]),
  },
];

const negated = (amount: string): string => (amount.startsWith('-') ? amount.slice(1) : `-${amount}`);

/** A booking and the one that takes it back on the same day, so that balances stay true. */
const reversible = (date: number, description: string, amount: string): Booking[] => [
  { date, description, amount, cents: null },
  { date, description: `Storno ${description}`.slice(0, 1000), amount: negated(amount), cents: null },
];

const marketDay = (date: number, random: PseudoRandom): Booking[] =>
  Array.from({ length: MARKET_SALES }, () => {
    const cents = random.integer(...MARKET_STALL.cents);
    return {
      date,
      description: MARKET_STALL.name,
      amount: decimalFromCents(cents),
      cents,
      merchant: MARKET_STALL,
    };
  });

/** Bookings that software likes to stumble over, and a market day with hundreds on one date. */
export const curiousBookings = (end: number, random: PseudoRandom): Booking[] => {
  const amounts = monthBefore(end, 2) + 9 * DAY_MS;
  const descriptions = monthBefore(end, 5) + 12 * DAY_MS;
  const oddities = monthBefore(end, 8) + 20 * DAY_MS;
  return [
    ...marketDay(monthBefore(end, 15) + 11 * DAY_MS, random),
    ...AWKWARD_AMOUNTS.flatMap((amount) => reversible(amounts, 'Awkward amount', amount)),
    ...AWKWARD_DESCRIPTIONS.flatMap((description) => reversible(descriptions, description, '-0.01')),
    ...ODDITIES.map((odd, index) => ({
      date: oddities,
      description: `Oddity ${index + 1}`,
      amount: '0',
      cents: 0,
      oddities: odd,
    })),
  ];
};
