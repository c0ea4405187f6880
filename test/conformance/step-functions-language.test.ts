import { afterEach, describe, expect, it } from '@jest/globals';
import { aMachine, aSequence, cleanUp } from '../support/local-step-functions.ts';

afterEach(cleanUp);

const INPUT = {
  text: 'a-b,c',
  number: 7,
  yes: true,
  nothing: null,
  when: '2026-11-23T08:00:00Z',
  list: [3, 1, 3, { a: 1 }, { a: 1 }],
  object: { a: { b: [10, 20] }, 'with-hyphen': 1 },
};

const outputOf = async (definition: object): Promise<unknown> => {
  const { output, error } = await (await aMachine(definition)).run(INPUT);
  return output === undefined ? { error } : (JSON.parse(output) as unknown);
};

// All but those marked give the same with aws-local-stepfunctions 3.0.0, an implementation of the language that is not ours.
const INTRINSICS: readonly [expression: string, value: unknown][] = [
  ["States.Format('{} is {}', $.text, $.number)", 'a-b,c is 7'],
  ["States.Format('it\\'s \\{{}\\}', $.number)", "it's {7}"],
  ['States.Array($.text, 1, true, null, $.number)', ['a-b,c', 1, true, null, 7]],
  ['States.ArrayPartition($.list, 2)', [[3, 1], [3, { a: 1 }], [{ a: 1 }]]],
  ['States.ArrayContains($.list, 3)', true],
  ['States.ArrayContains($.list, 4)', false],
  ['States.ArrayRange(1, 9, 2)', [1, 3, 5, 7, 9]],
  ['States.ArrayRange(9, 1, -4)', [9, 5, 1]],
  ['States.ArrayGetItem($.list, 3)', { a: 1 }],
  ['States.ArrayLength($.list)', 5],
  ['States.ArrayUnique($.list)', [3, 1, { a: 1 }]],
  ["States.Base64Encode('abc')", 'YWJj'],
  // UTF-8 as on AWS; the library takes Latin-1.
  ["States.Base64Encode('häuser')", 'aMOkdXNlcg=='],
  ["States.Base64Decode('aMOkdXNlcg==')", 'häuser'],
  ["States.Hash('abc', 'MD5')", '900150983cd24fb0d6963f7d28e17f72'],
  ["States.Hash('abc', 'SHA-1')", 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['States.JsonMerge($.object, States.StringToJson(\'{"a":2}\'), false)', { a: 2, 'with-hyphen': 1 }],
  ['States.JsonToString($.object.a)', '{"b":[10,20]}'],
  ['States.MathAdd($.number, -9)', -2],
  // Every character separates, as in AWS's example; the library splits at the whole text.
  ["States.StringSplit($.text, '-,')", ['a', 'b', 'c']],
  ["States.Format('{}', States.ArrayLength(States.Array(1, States.MathAdd(1, 2))))", '2'],
];

const RULES: readonly [rule: object, fulfilled: boolean][] = [
  [{ Variable: '$.number', NumericEquals: 7 }, true],
  [{ Variable: '$.number', NumericLessThan: 7 }, false],
  [{ Variable: '$.number', NumericLessThanEquals: 7 }, true],
  [{ Variable: '$.number', NumericGreaterThanEqualsPath: '$.object.a.b[0]' }, false],
  [{ Variable: '$.text', StringEquals: 'a-b,c' }, true],
  [{ Variable: '$.text', StringGreaterThan: 'a' }, true],
  [{ Variable: '$.text', StringMatches: 'a*c' }, true],
  [{ Variable: '$.text', StringMatches: 'a*d' }, false],
  [{ Variable: '$.text', StringMatches: 'a\\*c' }, false],
  [{ Variable: '$.yes', BooleanEquals: true }, true],
  [{ Variable: '$.yes', StringEquals: 'true' }, false],
  [{ Variable: '$.when', TimestampLessThan: '2026-11-23T09:00:00+00:30' }, true],
  [{ Variable: '$.when', TimestampEquals: '2026-11-23T10:00:00+02:00' }, true],
  [{ Variable: '$.when', IsTimestamp: true }, true],
  [{ Variable: '$.text', IsTimestamp: true }, false],
  [{ Variable: '$.missing', IsPresent: true }, false],
  // The library takes `false` for a rule that never matches.
  [{ Variable: '$.missing', IsPresent: false }, true],
  [{ Variable: '$.number', IsString: false }, true],
  [{ Variable: '$.nothing', IsPresent: true }, true],
  [{ Variable: '$.nothing', IsNull: true }, true],
  [{ Not: { Variable: '$.number', NumericEquals: 7 } }, false],
  [
    {
      And: [
        { Variable: '$.yes', BooleanEquals: true },
        { Variable: '$.number', NumericGreaterThan: 8 },
      ],
    },
    false,
  ],
  [
    {
      Or: [
        { Variable: '$.number', NumericGreaterThan: 8 },
        { Variable: '$.yes', BooleanEquals: true },
      ],
    },
    true,
  ],
];

const DATA_FLOWS: readonly [fields: object, output: unknown][] = [
  [{ InputPath: '$.object.a' }, { b: [10, 20] }],
  [{ InputPath: null }, {}],
  [{ OutputPath: '$.list[3]' }, { a: 1 }],
  [{ OutputPath: null }, {}],
  [
    { Result: [1], ResultPath: '$.text' },
    { ...INPUT, text: [1] },
  ],
  [
    { Result: 1, ResultPath: '$.object.c.d' },
    { ...INPUT, object: { ...INPUT.object, c: { d: 1 } } },
  ],
  [{ Result: { x: 1 }, ResultPath: null }, INPUT],
  // The library ignores a Result of null, false, 0 or ''.
  [{ Result: null }, null],
  [
    { Result: 0, ResultPath: '$.number' },
    { ...INPUT, number: 0 },
  ],
  [
    {
      Parameters: { 'a.$': '$.object.a.b[1]', b: [{ 'c.$': '$.number' }], 'd.$': "$.object['with-hyphen']" },
    },
    { a: 20, b: [{ c: 7 }], d: 1 },
  ],
  [{ Parameters: { 'all.$': '$.object.a.b[*]', 'none.$': '$.list[*].zzz' } }, { all: [10, 20], none: [] }],
  [
    { InputPath: '$.object', Parameters: { 'x.$': '$.a.b' }, ResultPath: '$.object', OutputPath: '$.object' },
    { x: [10, 20] },
  ],
];

const FAILURES: readonly [fields: object, error: string][] = [
  [{ InputPath: '$.missing' }, 'States.Runtime'],
  [{ OutputPath: '$.list[9]' }, 'States.Runtime'],
  [{ Parameters: { 'a.$': '$$.Execution.Missing' } }, 'States.Runtime'],
  [{ Result: 1, ResultPath: '$.text.inner' }, 'States.ResultPathMatchFailure'],
  [{ Parameters: { 'a.$': 'States.ArrayGetItem($.list, 5)' } }, 'States.IntrinsicFailure'],
  [{ Parameters: { 'a.$': 'States.StringToJson($.text)' } }, 'States.IntrinsicFailure'],
  [{ Parameters: { 'a.$': "States.Format('{}')" } }, 'States.IntrinsicFailure'],
  [{ Parameters: { 'a.$': "States.Format('{}', $.list)" } }, 'States.IntrinsicFailure'],
  [{ Parameters: { 'a.$': 'States.ArrayRange(1, 5000, 1)' } }, 'States.IntrinsicFailure'],
  [{ Parameters: { 'a.$': "States.Hash('abc', 'CRC')" } }, 'States.IntrinsicFailure'],
];

describe('intrinsic functions', () => {
  it.each(INTRINSICS)('evaluate %s', async (expression, value) => {
    const only = { Type: 'Pass', Parameters: { 'value.$': expression }, End: true };
    expect(await outputOf(aSequence({ Only: only }))).toEqual({ value });
  });

  it('make random numbers within their bounds and a new UUID each time', async () => {
    const Parameters = { 'n.$': 'States.MathRandom(3, 5)', 'a.$': 'States.UUID()', 'b.$': 'States.UUID()' };
    const made = await outputOf(aSequence({ Only: { Type: 'Pass', Parameters, End: true } }));
    const { n, a, b } = made as { n: number; a: string; b: string };
    expect([3, 4]).toContain(n);
    expect(a).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(b).not.toBe(a);
  });
});

describe('choice rules', () => {
  it.each(RULES)('weigh %j as %s', async (rule, fulfilled) => {
    const definition = aSequence({
      Ask: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
      Yes: { Type: 'Pass', Result: true, End: true },
      No: { Type: 'Pass', Result: false, End: true },
    });
    expect(await outputOf(definition)).toBe(fulfilled);
  });

  it('fail on a variable that is not there, and when none matches without a Default', async () => {
    const asking = (rule: object) =>
      aSequence({
        Ask: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }] },
        Yes: { Type: 'Pass', End: true },
      });
    const missing = await outputOf(asking({ Variable: '$.missing', NumericEquals: 1 }));
    const unmatched = await outputOf(asking({ Variable: '$.number', NumericEquals: 1 }));
    expect([missing, unmatched]).toEqual([{ error: 'States.Runtime' }, { error: 'States.NoChoiceMatched' }]);
  });
});

describe('the data flow of a state', () => {
  it.each(DATA_FLOWS)('with %j', async (fields, output) => {
    expect(await outputOf(aSequence({ Only: { Type: 'Pass', ...fields, End: true } }))).toEqual(output);
  });

  it.each(FAILURES)('with %j fails as %s', async (fields, error) => {
    expect(await outputOf(aSequence({ Only: { Type: 'Pass', ...fields, End: true } }))).toEqual({ error });
  });
});
