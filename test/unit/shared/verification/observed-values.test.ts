import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { selectionOf } from '../../../../shared/domain/selection.ts';
import { observedState, ObservedValues } from '../../../../shared/verification/observed-values.ts';

const anId = fc.oneof(
  fc.constantFrom('a', 'b', '__proto__', '\ud800'),
  fc.constantFrom(undefined, null, 7, {}),
);
const aDate = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(Infinity, -0, 0.5, '3', undefined));
const aRecord = fc.record({ accountId: anId, categoryId: anId, primaryCategoryId: anId, date: aDate });
const aFilter = fc.record(
  {
    accountIds: fc.subarray(['a', 'b', '__proto__', '\ud800'], { minLength: 1 }),
    categoryIds: fc.subarray(['a', 'b'], { minLength: 1 }),
    dateRangeStart: fc.integer({ min: -5, max: 5 }),
    dateRangeEnd: fc.integer({ min: -5, max: 5 }),
  },
  { requiredKeys: [] },
);

const observed = (records: readonly object[], values = new ObservedValues()): ObservedValues => {
  for (const record of records) values.add({ ...record });
  return values;
};

describe('the values observed in the records of a section', () => {
  it('tell the same of any filter after they were written down, and can be added to', () => {
    const property = fc.property(
      fc.array(aRecord, { maxLength: 4 }),
      fc.array(aRecord, { maxLength: 2 }),
      aFilter,
      fc.constantFrom('accounts', 'transactions', 'categories', 'fileMaps', 'transactionFiles'),
      (before, after, filter, section) => {
        const text = JSON.stringify(observed(before).state());
        const restored = new ObservedValues(observedState.parse(JSON.parse(text)));
        const selection = selectionOf(filter);
        expect(restored.areSelected(section, selection)).toBe(
          observed(before).areSelected(section, selection),
        );
        expect(observed(after, restored).areSelected(section, selection)).toBe(
          observed([...before, ...after]).areSelected(section, selection),
        );
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });

  it('are each kept once, and what is no text only as that', () => {
    const records = Array.from({ length: 100 }, (_, at) => ({
      accountId: { at },
      categoryId: 'a',
      date: at,
    }));
    expect(observed(records).state()).toEqual({
      ids: { accountId: [null], categoryId: ['a'], primaryCategoryId: [null] },
      earliest: '0',
      latest: '99',
      undated: false,
    });
  });
});
