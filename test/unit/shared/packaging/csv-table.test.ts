import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { buffer } from 'node:stream/consumers';
import { csvTable, dayCell, moneyCell, textCell, timeCell } from '../../../../shared/packaging/csv-table.ts';
import { anyText } from '../../../support/generated-household.ts';
import { parseCsv } from '../../../support/parse-csv.ts';

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  for (const value of values) yield await Promise.resolve(value);
}

const written = async (header: readonly string[], rows: readonly (readonly string[])[]): Promise<string> =>
  (await buffer(csvTable(header, each(rows)))).toString('utf8');

describe('a table as CSV', () => {
  it('is read back cell by cell', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(anyText, anyText, anyText), { maxLength: 30 }), async (rows) => {
        const text = await written(['a', 'b', 'c'], rows);
        expect(parseCsv(text.slice(1))).toEqual([['a', 'b', 'c'], ...rows]);
      }),
      { numRuns: 300 },
    );
  });

  it('says that it is UTF-8, ends lines as RFC 4180 wants, and has its header also without rows', async () => {
    expect(await written(['a', 'ä'], [])).toBe('\ufeffa,ä\r\n');
    expect(await written(['a'], [['x"y'], ['z']])).toBe('\ufeffa\r\n"x""y"\r\nz\r\n');
  });

  it('has every row where there are more than are written at once', async () => {
    for (const count of [499, 500, 501, 1499]) {
      const rows = Array.from({ length: count }, (_, at) => [String(at)]);
      expect(parseCsv((await written(['n'], rows)).slice(1))).toEqual([['n'], ...rows]);
    }
  });
});

describe('a cell of text', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+49 30', "'+49 30"],
    ['-12.5', "'-12.5"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', "'\r=1"],
    ['\n=1', "'\n=1"],
    ['＝1', "'＝1"],
    ['a=1', 'a=1'],
    ["'=1", "'=1"],
    ['', ''],
    [undefined, ''],
    [null, ''],
    [-5, '-5'],
    [true, 'true'],
    [['=1'], '["=1"]'],
  ])('of %j is %j', (value, cell) => {
    expect(textCell(value)).toBe(cell);
  });
});

describe('a cell of money', () => {
  it.each([
    ['-12.50', '-12.50'],
    ['0', '0'],
    ['99999999999999999999999999999999999.99', '99999999999999999999999999999999999.99'],
    ['-1+cmd|x', "'-1+cmd|x"],
    ['-', "'-"],
    ['-1e5', "'-1e5"],
    ['1.', '1.'],
    [undefined, ''],
  ])('of %j is %j', (value, cell) => {
    expect(moneyCell(value)).toBe(cell);
  });
});

describe('a cell of time', () => {
  it('is ISO 8601 in UTC', () => {
    const instant = Date.UTC(2026, 1, 3, 23, 59, 59, 7);
    expect([dayCell(instant), timeCell(instant)]).toEqual(['2026-02-03', '2026-02-03T23:59:59.007Z']);
    expect(dayCell(-1)).toBe('1969-12-31');
    // A year beyond four digits begins with its sign, which a spreadsheet would calculate.
    expect(dayCell(Date.UTC(12_345, 0))).toBe("'+012345-01-01");
  });

  it('is the same for a number with more digits than a double holds', () => {
    const instant = JSON.rawJSON('1700000000000.0000001');
    expect([dayCell(instant), timeCell(instant)]).toEqual(['2023-11-14', '2023-11-14T22:13:20.000Z']);
    expect(timeCell(JSON.rawJSON('18446744073709551615'))).toBe('18446744073709551615');
  });

  it('is what is stored where that is no time', () => {
    expect(['=now', 9e15, undefined, { a: 1 }].map(timeCell)).toEqual([
      "'=now",
      '9000000000000000',
      '',
      '{"a":1}',
    ]);
  });
});
