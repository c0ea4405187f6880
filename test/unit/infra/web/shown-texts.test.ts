import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  categoryTree,
  flattened,
  withDescendants,
} from '../../../../infra/web/browser/viewer/category-tree.ts';
import { amountText, bytesText, counted, dayText } from '../../../../infra/web/browser/viewer/figures.ts';
import type { ShownCategory } from '../../../../infra/web/browser/viewer/protocol.ts';
import { recordFields } from '../../../../infra/web/browser/viewer/record-fields.ts';
import { beginningOf, isPdf, statementKind } from '../../../../infra/web/browser/viewer/statement-content.ts';
import { codeWords } from '../../../../infra/web/browser/viewer/words.ts';
import { OMISSION_CODES, WARNING_CODES } from '../../../../shared/domain/manifest.ts';

describe('an amount', () => {
  it('is shown with every digit it has', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 38 });
    fc.assert(
      fc.property(fc.boolean(), digits, digits, (isNegative, whole, places) => {
        const decimal = `${isNegative ? '-' : ''}${whole}.${places}`;
        const shown = amountText(decimal).replace(/[^\d.-]/g, '');
        const expected = decimal.replace(/^(-?)0+(?=\d)/, '$1') + '0'.repeat(Math.max(0, 2 - places.length));
        expect(shown).toBe(expected);
      }),
    );
  });

  it('that is no decimal stays as it is', () => {
    expect(amountText('<b>12</b>')).toBe('<b>12</b>');
    expect(amountText('')).toBe('');
  });
});

describe('figures', () => {
  it('have their units', () => {
    expect([0, 1, 999, 1_000, 1_550_000, 2.5e9].map(bytesText)).toEqual([
      ...['0 bytes', '1 byte', '999 bytes', '1 kB', '1.6 MB', '2.5 GB'],
    ]);
    expect([counted(1, 'part'), counted(2, 'part'), counted(0, 'entry', 'entries')]).toEqual([
      ...['1 part', '2 parts', '0 entries'],
    ]);
  });

  it('tell that there is no date where there is none', () => {
    expect([dayText(null), dayText(1e300)]).toEqual(['No date', 'No date']);
    expect(dayText(Date.UTC(2026, 10, 24))).toContain('2026');
  });
});

describe("a record's fields", () => {
  it('keep every digit of every number, and texts that look like numbers', () => {
    const fields = recordFields(
      '{"transactionHash":18446744073709551615,"text":"12 \\u0001 \\"7\\"","list":[{"n":1e400}],"none":null}',
    );
    expect(fields).toEqual([
      { name: 'transactionHash', text: '18446744073709551615', isNested: false },
      { name: 'text', text: '12  "7"', isNested: false },
      { name: 'list', text: '[\n  {\n    "n": 1e400\n  }\n]', isNested: true },
      { name: 'none', text: 'null', isNested: false },
    ]);
  });
});

describe('a statement file', () => {
  it('is opened as text or PDF by its name, and saved whatever else it is', () => {
    expect(['a.CSV', 'b.ofx', 'c.qif', 'd.pdf', 'e.html', 'f.svg', 'g'].map(statementKind)).toEqual([
      ...['text', 'text', 'text', 'pdf', 'other', 'other', 'other'],
    ]);
  });

  it('is a PDF only when it begins as one', async () => {
    expect(await isPdf(new Blob(['%PDF-1.7\n']))).toBe(true);
    expect(await isPdf(new Blob(['<script>alert(1)</script>']))).toBe(false);
  });

  it('is read as UTF-8, also where its beginning ends within a letter, and else as western text', async () => {
    expect(await beginningOf(new Blob(['Zürich']), 2)).toBe('Z');
    expect(await beginningOf(new Blob([new Uint8Array([0x5a, 0xfc, 0x72])]), 100)).toBe('Zür');
  });
});

const category = (id: string, parentId: string): ShownCategory => ({
  ...{ id, parentId, name: id, type: 'EXPENSE', icon: '', rules: 0 },
});

describe('the tree of categories', () => {
  it('has each category once, whatever their parents say', () => {
    const ids = [...'abcdefgh'];
    const parents = fc.array(fc.constantFrom(...ids, '', 'gone'), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(parents, (parentIds) => {
        const tree = categoryTree(ids.map((id, index) => category(id, parentIds[index] ?? '')));
        const placed = flattened(tree).map((branch) => branch.category.id);
        expect([...placed].sort()).toEqual(ids);
      }),
    );
  });

  it('takes all that is below a category with it', () => {
    const tree = categoryTree([category('a', ''), category('b', 'a'), category('c', 'b'), category('d', '')]);
    expect(withDescendants(tree, 'a')).toEqual(['a', 'b', 'c']);
    expect(withDescendants(tree, 'gone')).toEqual(['gone']);
  });
});

describe('codes', () => {
  it('have words, every one', () => {
    for (const code of [...OMISSION_CODES, ...WARNING_CODES]) expect(codeWords(code)).toMatch(/^[A-Z].*\.$/);
    expect(codeWords('toString')).toBe('toString');
  });
});
