import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import type { DatePreset, OwnDates } from '../../../../../infra/web/browser/page/date-range.ts';
import {
  draftProblems,
  EMPTY_DRAFT,
  requestBodyOf,
  revivedDraft,
  type ExportDraft,
} from '../../../../../infra/web/browser/page/export-draft.ts';
import { parseExportRequest } from '../../../../../shared/domain/export-request.ts';

const NO_DATES = { from: '', to: '' };
const NOW = '2026-03-10T12:00:00Z';

const MODULE = new URL('../../../../../infra/web/browser/page/date-range.ts', import.meta.url).href;

/** What is meant in a time zone: a process has but one from its start to its end. Times as ISO texts. */
const meantIn = (
  zone: string,
  preset: DatePreset,
  own: OwnDates = NO_DATES,
  now = NOW,
): (string | null)[] => {
  const script = `import { dateRangeOf } from ${JSON.stringify(MODULE)};
    const range = dateRangeOf(${JSON.stringify(preset)}, ${JSON.stringify(own)}, new Date(${JSON.stringify(now)}));
    const iso = (instant) => instant === undefined ? null : new Date(instant).toISOString();
    console.log(JSON.stringify([iso(range.dateRangeStart), iso(range.dateRangeEnd)]));`;
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
  return JSON.parse(execFileSync(process.execPath, flags, { env: { TZ: zone } }).toString()) as string[];
};

describe('a choice of dates', () => {
  it.each([
    ['UTC', '2025-01-01T00:00:00.000Z', '2025-12-31T23:59:59.999Z'],
    ['Europe/Berlin', '2024-12-31T23:00:00.000Z', '2025-12-31T22:59:59.999Z'],
    ['America/Los_Angeles', '2025-01-01T08:00:00.000Z', '2026-01-01T07:59:59.999Z'],
  ])('means last year by the calendar of %s', (zone, start, end) => {
    expect(meantIn(zone, 'last-year')).toEqual([start, end]);
  });

  it('means this year by where the person is, also while it is still last year in UTC', () => {
    const meant = meantIn('Pacific/Auckland', 'this-year', NO_DATES, '2025-12-31T20:00:00Z');
    expect(meant).toEqual(['2025-12-31T11:00:00.000Z', null]);
  });

  it('leaves open what it does not say', () => {
    expect(meantIn('UTC', 'all')).toEqual([null, null]);
    expect(meantIn('UTC', 'own', { from: '2026-01-05', to: '' })).toEqual(['2026-01-05T00:00:00.000Z', null]);
    expect(meantIn('UTC', 'last-12-months')).toEqual(['2025-03-10T00:00:00.000Z', null]);
  });

  it('takes a last day whole, also one on which the clocks change', () => {
    const meant = meantIn('Europe/Berlin', 'own', { from: '2026-03-29', to: '2026-03-29' });
    expect(meant).toEqual(['2026-03-28T23:00:00.000Z', '2026-03-29T21:59:59.999Z']);
  });
});

describe('the form', () => {
  const full: ExportDraft = {
    exportType: 'selective',
    exportFormat: 'zip',
    includeAnalytics: true,
    includeCsv: true,
    description: '  For the tax office ',
    accountIds: ['1d0c7c1e-6f0a-4b52-9d0f-3f1c0b6f7a10'],
    categoryIds: ['9a1f0f4e-3c5d-4f25-8d51-5a0f6a2b7c11'],
    dates: 'last-year',
    from: '',
    to: '',
  };

  it('becomes a request that the service takes, whatever stands in it', () => {
    for (const exportType of ['complete', 'selective', 'accounts_only', 'transactions_only'] as const) {
      for (const exportFormat of ['zip', 'json'] as const) {
        const body = requestBodyOf({ ...full, exportType, exportFormat }, new Date(NOW));
        expect(parseExportRequest(body)).toMatchObject({ exportType, exportFormat });
      }
    }
  });

  it('sends filters only with a selection, and a note without the blanks around it', () => {
    expect(requestBodyOf({ ...full, exportType: 'accounts_only' }, new Date(NOW))).toEqual({
      exportType: 'accounts_only',
      exportFormat: 'zip',
      includeAnalytics: false,
      includeCsv: true,
      description: 'For the tax office',
    });
    expect(requestBodyOf(EMPTY_DRAFT, new Date(NOW))).not.toHaveProperty('description');
  });

  it('says what does not fit together', () => {
    const backwards = { ...full, dates: 'own', from: '2026-02-01', to: '2026-01-01' } as const;
    expect(Object.keys(draftProblems(backwards))).toEqual(['dates']);
    expect(draftProblems({ ...backwards, exportType: 'complete' })).toEqual({});
    expect(Object.keys(draftProblems({ ...full, description: 'x'.repeat(501) }))).toEqual(['description']);
  });

  it('comes back as it was kept, and empty where that cannot be read', () => {
    expect(revivedDraft(JSON.parse(JSON.stringify(full)))).toEqual(full);
    expect(revivedDraft({ exportType: 'all', accountIds: [1, 'a'], dates: null })).toEqual({
      ...EMPTY_DRAFT,
      accountIds: ['a'],
    });
    for (const broken of [undefined, null, 'text', 3, []]) expect(revivedDraft(broken)).toEqual(EMPTY_DRAFT);
  });
});
