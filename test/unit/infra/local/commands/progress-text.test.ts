import { describe, expect, it } from '@jest/globals';
import { progressText } from '../../../../../infra/local/commands/progress-display.ts';
import { countText, durationText, sizeText } from '../../../../../infra/local/commands/quantities.ts';
import { textTable } from '../../../../../infra/local/commands/text-table.ts';

const STATUS = {
  exportId: 'e1',
  exportFormat: 'zip',
  progress: 40,
  error: null,
  packageSize: null,
  sha256: null,
} as const;

describe('what a person reads', () => {
  it('tells the phase and what is known of each section, in the order of the package', () => {
    const sections = {
      transactions: { count: 4000, done: false },
      accounts: { count: 6, done: true },
      somethingNew: { count: 1, done: true },
    };
    expect(progressText({ ...STATUS, status: 'processing', currentPhase: 'collecting_data', sections })).toBe(
      'collecting data: accounts 6, transactions 4,000…',
    );
  });

  it('tells the status before and after the work', () => {
    expect(progressText({ ...STATUS, status: 'initiated', currentPhase: null, sections: {} })).toBe(
      'initiated',
    );
    expect(progressText({ ...STATUS, status: 'failed', currentPhase: 'collecting_data', sections: {} })).toBe(
      'failed',
    );
  });

  it('writes sizes, counts and times with their units', () => {
    expect([0, 999, 1000, 1_533_407, 2.5e9].map(sizeText)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '1.5 MB',
      '2.5 GB',
    ]);
    expect(countText(1_234_567)).toBe('1,234,567');
    expect([420, 7400, 200_000].map(durationText)).toEqual(['0.42 s', '7.4 s', '3 min 20 s']);
  });

  it('aligns words left and numbers right', () => {
    expect(
      textTable(
        [{ title: 'Name' }, { title: 'N', align: 'right' }],
        [
          ['a', '1'],
          ['longer', '10'],
        ],
      ),
    ).toEqual(['Name     N', 'a        1', 'longer  10']);
  });
});
