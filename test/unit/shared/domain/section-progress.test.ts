import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { SECTIONS } from '../../../../shared/domain/sections.ts';
import {
  progressBySection,
  progressName,
  type SectionProgress,
} from '../../../../shared/domain/section-progress.ts';

const progress = (count: number, done: boolean): SectionProgress => ({ count, bytes: 10 * count, done });

describe('the name under which progress is kept', () => {
  it('is that of the section, unless there are several parts', () => {
    expect(progressName('accounts')).toBe('accounts');
    expect(progressName('transactions', { index: 0, of: 1 })).toBe('transactions');
  });

  it('is another one for each part, section and number of parts', () => {
    const places = [2, 3, 11, 12].flatMap((of) => Array.from({ length: of }, (_, index) => ({ index, of })));
    const names = SECTIONS.flatMap((section) => [
      progressName(section),
      ...places.map((place) => progressName(section, place)),
    ]);
    expect(new Set(names).size).toBe(names.length);
    // What a DynamoDB expression takes for an alias.
    for (const name of names) expect(name).toMatch(/^\w+$/);
  });
});

describe('progress by section', () => {
  it('is what was told of sections that are whole, in the order of the package', () => {
    const stored = { transactionFiles: progress(3, false), accounts: progress(1, true) };
    const told = progressBySection(stored);
    expect(Object.entries(told)).toEqual([
      ['accounts', progress(1, true)],
      ['transactionFiles', progress(3, false)],
    ]);
    expect(progressBySection({})).toEqual({});
  });

  it('adds up the parts of a section, which is done when every one of them is', () => {
    const parts = fc.integer({ min: 2, max: 64 }).chain((of) =>
      fc.tuple(
        fc.constant(of),
        fc.uniqueArray(fc.record({ index: fc.nat(of - 1), count: fc.nat(100_000), done: fc.boolean() }), {
          selector: ({ index }) => index,
          minLength: 1,
          maxLength: of,
        }),
      ),
    );
    fc.assert(
      fc.property(parts, ([of, told]) => {
        const stored = Object.fromEntries([
          ['transactionFiles', progress(7, true)],
          ...told.map(({ index, count, done }) => [
            progressName('transactions', { index, of }),
            progress(count, done),
          ]),
        ]) as Record<string, SectionProgress>;
        const count = told.reduce((sum, part) => sum + part.count, 0);
        const done = told.length === of && told.every((part) => part.done);
        expect(progressBySection(stored)).toEqual({
          transactions: progress(count, done),
          transactionFiles: progress(7, true),
        });
      }),
    );
  });

  it('is not done before the last part is', () => {
    const stored: Record<string, SectionProgress> = {};
    for (let index = 0; index < 12; index += 1) {
      expect(progressBySection(stored).transactions?.done ?? false).toBe(false);
      stored[progressName('transactions', { index, of: 12 })] = progress(5, true);
    }
    expect(progressBySection(stored).transactions).toEqual(progress(60, true));
  });

  it('is that of the run which is further, where one began anew and was cut otherwise', () => {
    const first = { [progressName('transactions', { index: 0, of: 3 })]: progress(100, true) };
    const second = (count: number, done: boolean) => ({
      ...first,
      [progressName('transactions', { index: 0, of: 2 })]: progress(count, done),
      [progressName('transactions', { index: 1, of: 2 })]: progress(count, done),
    });
    expect(progressBySection(second(20, false)).transactions).toEqual(progress(100, false));
    expect(progressBySection(second(60, false)).transactions).toEqual(progress(120, false));
    expect(progressBySection(second(45, true)).transactions).toEqual(progress(90, true));
    expect(progressBySection({ ...first, transactions: progress(90, true) }).transactions).toEqual(
      progress(90, true),
    );
  });
});
