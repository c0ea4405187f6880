import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { PageItem } from '../../../../../shared/aws/item-json/page-item.ts';
import { readPageItems } from '../../../../../shared/aws/item-json/read-page-items.ts';
import type { Section } from '../../../../../shared/domain/sections.ts';
import { expectedJson } from '../../../../support/expected-json.ts';

type Item = Record<string, AttributeValue>;

const NAMES = [
  ...['transactionId', 'userId', 'amount', 'balance', 'date', 'categories', 'description', 'updatedAt'],
  ...['categoryId', 'confidence', 'ruleId', 'amountMin', 'constructor', 'toString', '__proto__', 'Items'],
  ...['S', 'N', 'M', 'quo"ted', 'back\\slash', 'über', '😀', '\uffee', '', ' '],
];
const read = (page: string, section: Section) => readPageItems(Buffer.from(page), section);
const texts = (items: readonly PageItem[]): string[] => items.map(({ json }) => Buffer.from(json).toString());

const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ unit: 'binary', maxLength: 5 }));
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ':', ',', 'S', '\n', '\u2028', 'é') }),
  fc.constantFrom('{"S":"x"}', '"Items":[', '\\"', '\\\\'),
);
/** As DynamoDB gives numbers back: without zeros that say nothing. */
const number = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 8 }))
  .map(([digits, places]) => {
    if (places === 0) return String(digits);
    const unsigned = String(digits < 0n ? -digits : digits).padStart(places + 1, '0');
    const fraction = unsigned.slice(-places).replace(/0+$/, '');
    const whole = `${digits < 0n ? '-' : ''}${unsigned.slice(0, -places)}`;
    return fraction === '' ? (whole === '-0' ? '0' : whole) : `${whole}.${fraction}`;
  });
const bytes = fc.uint8Array({ maxLength: 5 });
const distinct = (of: fc.Arbitrary<string>) => fc.uniqueArray(of, { minLength: 1, maxLength: 4 });
const basic = fc.string({ unit: 'binary-ascii', maxLength: 4 });

const { item } = fc.letrec<{ value: AttributeValue; item: Item }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'value' },
    text.map((S) => ({ S })),
    number.map((N) => ({ N })),
    fc.boolean().map((BOOL) => ({ BOOL })),
    fc.constant({ NULL: true as const }),
    bytes.map((B) => ({ B })),
    distinct(basic).map((SS) => ({ SS })),
    fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 4 }).map((NS) => ({ NS: NS.map(String) })),
    fc.uniqueArray(fc.nat(255), { minLength: 1, maxLength: 4 }).map((all) => ({
      BS: all.map((byte) => Uint8Array.of(byte)),
    })),
    tie('item').map((M) => ({ M })),
    fc.array(tie('value'), { maxLength: 3 }).map((L) => ({ L })),
  ),
  item: fc
    .uniqueArray(fc.tuple(name, tie('value')), { selector: ([key]) => key, maxLength: 6 })
    // Not Object.fromEntries of a literal: an attribute may be called `__proto__`.
    .map((members) => Object.fromEntries(members)),
}));

/** As DynamoDB's protocol writes values: bytes as base64. */
const wireValue = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;

/** The same JSON written in another way: with more escapes, or with space around what can have it. */
const WRITERS: readonly ((value: unknown) => string)[] = [
  (value) => JSON.stringify(value, wireValue),
  (value) => JSON.stringify(value, wireValue, '\t'),
  (value) =>
    JSON.stringify(value, wireValue).replace(
      /[^ -~]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  (value) => JSON.stringify(value, wireValue).replaceAll('/', '\\/').replaceAll('"S":"x', '"S":"\\u0078'),
];

const SECTIONS: readonly [Section, string][] = [
  ['transactions', 'data/transactions.json'],
  ['categories', 'data/categories.json'],
  ['analytics', 'data/analytics.json'],
];

describe("a page's items", () => {
  it('are written as the contract says, however DynamoDB writes its own JSON', () => {
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 5 }),
        fc.constantFrom(...SECTIONS),
        fc.constantFrom(...WRITERS),
        fc.constantFrom('before', 'behind'),
        (items, [section, path], write, place) => {
          const key = { Items: { S: '"Items":[' }, date: { N: '1' } };
          const answer =
            place === 'before'
              ? { LastEvaluatedKey: key, Count: items.length, Items: items }
              : { Count: items.length, Items: items, ScannedCount: 7, LastEvaluatedKey: key };
          const page = read(write(answer), section);
          expect(texts(page.items)).toEqual(items.map((one) => expectedJson(one, path)));
          expect(JSON.parse(page.rest)).toEqual({ ...answer, Items: [] });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('are the same whatever the order in which their attributes come', () => {
    fc.assert(
      fc.property(
        item.chain((one) =>
          fc.tuple(
            fc.constant(one),
            fc.shuffledSubarray(Object.entries(one), { minLength: Object.keys(one).length }),
          ),
        ),
        ([one, shuffled]) => {
          const [a, b] = [one, Object.fromEntries(shuffled)].map((either) =>
            texts(read(JSON.stringify({ Items: [either] }, wireValue), 'transactions').items),
          );
          expect(a).toEqual(b);
        },
      ),
    );
  });

  it('tell the JSON of the attributes that the contract names, and of no others', () => {
    const wire = '{"Items":[{"date":{"N":"17"},"userId":{"S":"a\\u0062\\n"},"other":{"S":"x"}}],"Count":1}';
    const [first] = read(wire, 'transactions').items;
    expect(['date', 'userId', 'amount'].map((name) => first?.value(name))).toEqual([17, 'ab\n', undefined]);
    expect(['date', 'userId', 'amount'].map((name) => first?.digits(name))).toEqual([
      '17',
      undefined,
      undefined,
    ]);
    expect(['date', 'userId', 'amount'].map((name) => first?.string(name))).toEqual([
      undefined,
      'ab\n',
      undefined,
    ]);
    expect(['other', 'constructor'].map((name) => first?.value(name))).toEqual([undefined, undefined]);
  });

  it('tell texts that are alike, or come again, each as it is', () => {
    const alike = fc.array(
      fc.record({
        userId: fc.constantFrom('a-same-end', 'b-same-end', 'bb-same-end', 'é-same-end', 'x', ''),
        description: fc.oneof(fc.constantFrom('a-same-end', 'c"same-end', 'ü'.repeat(40)), text),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(alike, (all) => {
        const wire = all.map(({ userId, description }) => ({
          userId: { S: userId },
          description: { S: description },
        }));
        const { items } = read(JSON.stringify({ Items: wire }), 'transactions');
        const [told, again] = [1, 2].map(() =>
          items.map((one) => ({ userId: one.string('userId'), description: one.string('description') })),
        );
        const wellFormed = all.map((one) => ({ ...one, description: one.description.toWellFormed() }));
        expect(told?.map((one) => ({ ...one, description: one.description?.toWellFormed() }))).toEqual(
          wellFormed,
        );
        expect(again).toEqual(told);
      }),
    );
  });

  it('are the same alone as on the page on which they came', () => {
    const named = ['transactionId', 'userId', 'amount', 'date', 'categories', 'description', 'other'];
    fc.assert(
      fc.property(fc.array(item, { maxLength: 4 }), (all) => {
        const { items } = read(JSON.stringify({ Items: all }, wireValue), 'transactions');
        const told = (one: PageItem) => [texts([one]), named.map((name) => one.value(name))];
        expect(items.map((one) => told(one.alone()))).toEqual(items.map(told));
      }),
    );
  });

  it('are read from base64 that is written with escapes', () => {
    const { items } = read('{"Items":[{"a":{"B":"AQ\\u003d\\u003d"}}]}', 'accounts');
    expect(texts(items)).toEqual(['{"a":"AQ=="}']);
  });

  it('are none where the answer has none', () => {
    expect(read('{"Count":3,"ScannedCount":3}', 'accounts')).toEqual({
      items: [],
      rest: '{"Count":3,"ScannedCount":3}',
    });
    expect(read('{"Items":[],"Count":0}', 'accounts').items).toEqual([]);
  });

  it.each([
    ['{"Items":[{"a":{"S":"private"'],
    ['{"Items":[{"a":{"S":"private"}'],
    ['{"Items":[{"a":{"S":private}}]}'],
    ['{"Items":[{"a":{"S":"private\\"}}]}'],
    ['{"Items":[{"a":{"X":"private"}}]}'],
    ['{"Items":[{"a":{"XX":"private"}}]}'],
    ['{"Items":[{"a":{"BOOL":"private"}}]}'],
    ['{"Items":[{"a":{"NULL":false}}]}'],
    ['{"Items":[{"a":{"N":"private"}}]}'],
    ['{"Items":[{"a":"private"}]}'],
    ['{"Items":[{"a":{"S":"b","N":"1"}}]}'],
    ['{"Items":[{"a":{}}]}'],
    ['{"Items":[{"a":{"L":[{"S":"b"},]}}]}'],
    ['{"Items":[{"a":{"SS":["b" "private"]}}]}'],
    ['{"Items":[{"a"{"S":"private"}}]}'],
    ['{"Items":[{"a":{"S":"private\\q"}}]}'],
    ['{"Items":[{"a":{"S":"private\n"}}]}'],
    ['{"Items":[{"a":{"B":"private"}}]}'],
    ['{"Items":[{"a":{"B":"p!ivate="}}]}'],
    ['{"Items":[{"a":{"BS":["private"]}}]}'],
    ['{"Items":[null]}'],
  ])('are refused, without a word of them, from %s', (broken) => {
    let refusal: unknown;
    try {
      read(broken, 'accounts');
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(TypeError);
    expect(String(refusal)).not.toContain('private');
  });
});
