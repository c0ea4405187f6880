import * as fc from 'fast-check';
import { HOSTILE_FILE_NAMES } from '../../infra/local/sample-household/hostile-file-names.ts';
import type { OmissionCode } from '../../shared/domain/manifest.ts';
import { A_USER } from './export-builders.ts';
import type { Household, StoredRecord } from './packaged-household.ts';

/** Texts that hurt formats: separators, quotes, line ends, formulas, scripts, JSON inside JSON. */
export const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc
    .tuple(
      fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', ',', '"', ' ', '＝'),
      fc.string({ maxLength: 8 }),
    )
    .map(([start, rest]) => start + rest),
  fc.constantFrom(
    'a,b',
    'say "no"',
    'line\r\nbreak',
    '\u2028',
    '{"packageEntry":1}',
    '__proto__',
    '-12.5',
    '',
  ),
);

export const hostileName = fc.oneof(
  fc.constantFrom(...Object.values(HOSTILE_FILE_NAMES).flat()),
  fc.string({ unit: 'binary', maxLength: 40 }).filter((name) => name.isWellFormed()),
  anyText,
);

const money = fc.oneof(
  fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }).map((cents) => `${cents}.25`.replace('-0.', '0.')),
  fc.integer({ min: -99_999, max: 99_999 }).map((cents) => (cents / 100).toFixed(2)),
  fc.constantFrom('0', '-0.01', '12345678901234567890.123456789012345678'),
);

/** Present or not. */
const perhaps = <T>(name: string, value: fc.Arbitrary<T>): fc.Arbitrary<StoredRecord> =>
  fc.option(value, { nil: undefined }).map((given) => (given === undefined ? {} : { [name]: given }));

const recordOf = (...parts: readonly fc.Arbitrary<StoredRecord>[]): fc.Arbitrary<StoredRecord> =>
  fc.tuple(...parts).map((records) => Object.assign({ userId: A_USER }, ...records) as StoredRecord);

const fields = (given: StoredRecord): fc.Arbitrary<StoredRecord> => fc.constant(given);

/** Ids as the application makes them, and some it never would. */
const anyId = fc.oneof(
  { weight: 6, arbitrary: fc.uuid() },
  { weight: 1, arbitrary: fc.constantFrom('a', 'A', 'ä', '__proto__', 'x/y', '0') },
);
const ids = (maxLength: number): fc.Arbitrary<string[]> => fc.uniqueArray(anyId, { maxLength });

/** One of the known ids, or one that nobody has. */
const oneOf = (known: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...known, 'ffffffff-0000-4000-8000-00000000dead', '');

const accounts = (accountIds: readonly string[], fileMapIds: readonly string[]) =>
  fc.tuple(
    ...accountIds.map((accountId) =>
      recordOf(
        fields({ accountId }),
        perhaps('accountName', fc.oneof(anyText, fc.integer())),
        perhaps('balance', money),
        perhaps('notes', anyText),
        perhaps('defaultFileMapId', oneOf(fileMapIds)),
        perhaps('createdAt', fc.integer({ min: 0, max: 2 ** 41 })),
      ),
    ),
  );

const categories = (categoryIds: readonly string[]) =>
  fc.tuple(
    ...categoryIds.map((categoryId) =>
      recordOf(
        fields({ categoryId }),
        perhaps('name', anyText),
        perhaps('parentCategoryId', oneOf(categoryIds)),
      ),
    ),
  );

const fileMaps = (fileMapIds: readonly string[], accountIds: readonly string[]) =>
  fc.tuple(
    ...fileMapIds.map((fileMapId) =>
      recordOf(fields({ fileMapId }), perhaps('accountId', oneOf(accountIds))),
    ),
  );

const content = fc.oneof(
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom<OmissionCode>('MISSING_OBJECT', 'ARCHIVED_OBJECT'),
);

const statementFile = (fileId: string, accountIds: readonly string[], fileMapIds: readonly string[]) =>
  fc
    .tuple(
      recordOf(
        fields({ fileId }),
        perhaps('fileName', fc.oneof(hostileName, fc.integer())),
        perhaps('fileSize', fc.oneof(fc.integer({ min: 0, max: 400 }), anyText)),
        perhaps('transactionCount', fc.integer({ min: 0, max: 3 })),
        perhaps('accountId', oneOf(accountIds)),
        perhaps('fileMapId', oneOf(fileMapIds)),
        perhaps('packageEntry', fc.constantFrom<unknown>('a, "b"', { packageEntry: [1] })),
        perhaps(
          'zz',
          fc.constantFrom<unknown>({ packageEntry: 'stays' }, [{ packageEntry: 2 }], ',"packageEntry":{'),
        ),
      ),
      fc.constantFrom<unknown>(
        `${A_USER}/${fileId}/f`,
        `${A_USER}/${fileId}/f`,
        'user-10/x/f',
        '',
        undefined,
        7,
      ),
      content,
      fc.boolean(),
    )
    .map(([record, s3Key, held, exactSize]) => ({
      record: {
        ...record,
        ...(s3Key === undefined ? {} : { s3Key }),
        ...(exactSize && typeof held !== 'string' ? { fileSize: held.length } : {}),
      },
      held: [`${A_USER}/${fileId}/f`, held] as const,
    }));

/** Suggestions as the application keeps them, and what it never would. */
const suggestions = (categoryIds: readonly string[]) =>
  fc.oneof(
    fc.array(
      fc.oneof(
        oneOf(categoryIds).map((categoryId) => ({ categoryId })),
        fc.constantFrom({}, 'x', null),
      ),
      {
        maxLength: 3,
      },
    ),
    fc.constantFrom<unknown>('none', { categoryId: 'not in a list' }),
  );

const transactions = (
  transactionIds: readonly string[],
  known: Readonly<Record<'accountId' | 'fileId' | 'primaryCategoryId', readonly string[]>>,
) =>
  fc.tuple(
    ...transactionIds.map((transactionId) =>
      recordOf(
        fields({ transactionId }),
        fc.integer({ min: -3, max: 3 }).map((month) => ({ date: Date.UTC(2026, month, 1) })),
        perhaps('amount', fc.oneof({ weight: 8, arbitrary: money }, { weight: 1, arbitrary: anyText })),
        perhaps('balance', money),
        perhaps('currency', fc.constantFrom('EUR', 'USD')),
        perhaps('description', anyText),
        perhaps('memo', fc.oneof(anyText, fc.constant({ nested: ['=1'] }))),
        perhaps('accountId', oneOf(known.accountId)),
        perhaps('fileId', oneOf(known.fileId)),
        perhaps('primaryCategoryId', oneOf(known.primaryCategoryId)),
        perhaps('categories', suggestions(known.primaryCategoryId)),
      ),
    ),
  );

/** Small households with everything that can be wrong with one: dangling references, gone files, odd types, odd names. */
export const anyHousehold: fc.Arbitrary<Household> = fc
  .record({
    accountId: ids(3),
    primaryCategoryId: ids(5),
    fileMapId: ids(2),
    fileId: ids(6),
    transactionId: ids(15),
  })
  .chain(({ transactionId, ...known }) =>
    fc.record({
      accounts: accounts(known.accountId, known.fileMapId),
      categories: categories(known.primaryCategoryId),
      fileMaps: fileMaps(known.fileMapId, known.accountId),
      files: fc.tuple(...known.fileId.map((id) => statementFile(id, known.accountId, known.fileMapId))),
      transactions: transactions(transactionId, known),
    }),
  )
  .map(({ files, ...records }) => ({
    records: {
      ...records,
      transactionFiles: files.map(({ record }) => record),
      analytics: [{ pk: 'p', userId: A_USER }],
    },
    files: new Map(files.map(({ held }) => held)),
  }));
