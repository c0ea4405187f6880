import { describe, expect, it } from '@jest/globals';
import { InvalidRequest } from '../../../../shared/domain/errors.ts';
import { requestHash } from '../../../../shared/domain/export-job.ts';
import { parseExportRequest, sectionsOf } from '../../../../shared/domain/export-request.ts';

const UUID = '0b0f6f3a-9d0a-4c56-8f0e-2f1c8a3f5b11';

const OTHER_UUID = '9c1d7d9e-30f5-4b0e-a3d6-6a4c1f2b7e22';

const COMPLETE = { exportType: 'complete', exportFormat: 'zip', includeAnalytics: false, includeCsv: false };

const refusal = (body: unknown): InvalidRequest => {
  try {
    parseExportRequest(body);
  } catch (error) {
    if (error instanceof InvalidRequest) return error;
    throw error;
  }
  throw new Error('The request was accepted.');
};

const pointers = (body: unknown): string[] => refusal(body).problems.map(({ pointer }) => pointer);

describe('a request for an export', () => {
  it.each([[undefined], [{}]])('asks for everything but analytics when it says nothing: %j', (body) => {
    expect(parseExportRequest(body)).toEqual(COMPLETE);
  });

  it('keeps what it says', () => {
    const body = {
      exportType: 'complete',
      exportFormat: 'zip',
      includeAnalytics: true,
      includeCsv: true,
      description: 'x'.repeat(500),
    };
    expect(parseExportRequest(body)).toEqual(body);
  });

  it('may want JSON or CSV, but JSON has no place for CSV', () => {
    expect(parseExportRequest({ exportFormat: 'json' })).toEqual({ ...COMPLETE, exportFormat: 'json' });
    expect(parseExportRequest({ includeCsv: true })).toEqual({ ...COMPLETE, includeCsv: true });
    expect(pointers({ exportFormat: 'json', includeCsv: true })).toEqual(['/includeCsv']);
  });

  it.each([['accounts_only'], ['transactions_only']])('may be for %s', (exportType) => {
    expect(parseExportRequest({ exportType })).toEqual({ ...COMPLETE, exportType });
  });

  it.each([
    ['exportType', 'everything'],
    ['exportType', null],
    ['exportType', 1],
    ['exportFormat', 'tar'],
    ['exportFormat', ''],
    ['includeAnalytics', 'true'],
    ['includeAnalytics', null],
    ['includeCsv', 1],
    ['includeCsv', null],
    ['description', 'x'.repeat(501)],
    ['description', 7],
    ['description', null],
    ['accountIds', UUID],
    ['accountIds', null],
    ['categoryIds', { 0: UUID }],
    ['dateRangeStart', -1],
    ['dateRangeStart', 1.5],
    ['dateRangeStart', '2026-01-01'],
    ['dateRangeEnd', Number('1e400')],
    ['dateRangeEnd', Number.NaN],
    ['dateRangeEnd', 2 ** 53],
  ])('is refused with a pointer to %s when that is %j', (field, value) => {
    expect(pointers({ [field]: value })).toEqual([`/${field}`]);
  });

  it('is refused with a pointer to the member of a list that is no UUID', () => {
    expect(pointers({ exportType: 'selective', accountIds: [UUID, '../secret'] })).toEqual(['/accountIds/1']);
    expect(pointers({ exportType: 'selective', categoryIds: [UUID, UUID, 3] })).toEqual(['/categoryIds/2']);
  });

  it('is refused with a pointer for each bad field, unknown ones included', () => {
    const body = { exportType: 'x', includeAnalytics: 1, extra: true, 'a/b~c': 1 };
    expect(pointers(body).sort()).toEqual(['/a~1b~0c', '/exportType', '/extra', '/includeAnalytics']);
  });

  it.each([['{"__proto__":{"exportType":"accounts_only"}}'], ['{"constructor":{}}'], ['{"toString":1}']])(
    'does not take names of the language for fields: %s',
    (json) => {
      expect(pointers(JSON.parse(json) as unknown)).toEqual([
        `/${Object.keys(JSON.parse(json) as object)[0]}`,
      ]);
    },
  );

  it.each([[null], [[]], [[{}]], ['complete'], [1], [true]])(
    'is refused as a whole when it is %j',
    (body) => {
      expect(refusal(body).problems).toEqual([{ pointer: '', detail: 'The body must be a JSON object.' }]);
    },
  );

  it.each([['complete'], ['accounts_only'], ['transactions_only']])(
    'of type %s does not silently ignore a filter',
    (exportType) => {
      const filters = { accountIds: [UUID], categoryIds: [UUID], dateRangeStart: 0, dateRangeEnd: 1 };
      expect(pointers({ exportType, ...filters })).toEqual([
        '/accountIds',
        '/categoryIds',
        '/dateRangeStart',
        '/dateRangeEnd',
      ]);
    },
  );

  it.each([['accounts_only'], ['transactions_only']])(
    'of type %s has no analytics to include',
    (exportType) => {
      expect(pointers({ exportType, includeAnalytics: true })).toEqual(['/includeAnalytics']);
    },
  );

  it('does not take a description that no database can hold: half of a surrogate pair', () => {
    expect(pointers({ description: 'half \ud83d' })).toEqual(['/description']);
    expect(parseExportRequest({ description: 'whole 😀' }).description).toBe('whole 😀');
  });
});

describe('a request for a selective export', () => {
  const FILTERS = {
    accountIds: [UUID],
    categoryIds: [OTHER_UUID],
    dateRangeStart: 0,
    dateRangeEnd: 1_700_000_000_000,
  };
  const names = ['accountIds', 'categoryIds', 'dateRangeStart', 'dateRangeEnd'] as const;
  const combinations = Array.from({ length: 2 ** names.length }, (_, bits) =>
    Object.fromEntries(names.filter((_name, at) => (bits >> at) & 1).map((name) => [name, FILTERS[name]])),
  );

  it.each(combinations)('may combine any filters: %j', (filters) => {
    expect(parseExportRequest({ exportType: 'selective', ...filters })).toEqual({
      ...COMPLETE,
      exportType: 'selective',
      ...filters,
    });
  });

  it('is the same request whatever the order of its ids and however often one is named', () => {
    const once = parseExportRequest({
      exportType: 'selective',
      accountIds: [UUID, OTHER_UUID],
      categoryIds: [UUID],
    });
    const again = parseExportRequest({
      categoryIds: [UUID, UUID],
      accountIds: [OTHER_UUID, UUID, OTHER_UUID],
      exportType: 'selective',
    });
    expect(again).toEqual(once);
    expect(requestHash(again)).toBe(requestHash(once));
  });

  it.each([
    [{ accountIds: [OTHER_UUID] }],
    [{ accountIds: [UUID, OTHER_UUID] }],
    [{ accountIds: undefined, categoryIds: [UUID] }],
    [{ dateRangeStart: 0 }],
    [{ dateRangeEnd: 0 }],
  ])('is another request with %j', (filters) => {
    const request = { exportType: 'selective', accountIds: [UUID] };
    const other = parseExportRequest(JSON.parse(JSON.stringify({ ...request, ...filters })));
    expect(requestHash(other)).not.toBe(requestHash(parseExportRequest(request)));
  });

  it.each([['accountIds'], ['categoryIds']])('does not name %s when there are none', (name) => {
    expect(pointers({ exportType: 'selective', [name]: [] })).toEqual([`/${name}`]);
  });

  it('may begin and end on one instant, but not begin after its end', () => {
    const range = (dateRangeStart: number, dateRangeEnd: number) => ({
      exportType: 'selective',
      dateRangeStart,
      dateRangeEnd,
    });
    expect(pointers(range(5, 4))).toEqual(['/dateRangeStart']);
    expect(parseExportRequest(range(5, 5))).toMatchObject({ dateRangeStart: 5, dateRangeEnd: 5 });
  });

  it('holds the sections of a complete one', () => {
    const selective = { exportType: 'selective', includeAnalytics: true } as const;
    expect(sectionsOf(selective)).toEqual(sectionsOf({ ...selective, exportType: 'complete' }));
  });
});

describe('the sections of an export', () => {
  it('are those of its type, analytics only when they were asked for', () => {
    const all = ['accounts', 'transactions', 'categories', 'fileMaps', 'transactionFiles'];
    expect(sectionsOf({ exportType: 'complete', includeAnalytics: false })).toEqual(all);
    expect(sectionsOf({ exportType: 'complete', includeAnalytics: true })).toEqual([...all, 'analytics']);
    expect(sectionsOf({ exportType: 'accounts_only', includeAnalytics: false })).toEqual(['accounts']);
    expect(sectionsOf({ exportType: 'transactions_only', includeAnalytics: false })).toEqual([
      'transactions',
    ]);
  });
});
