import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/**
 * The data contract's rules for one record, written a second time and as plainly as possible: slow, over JavaScript's own
 * JSON with raw number literals, and sharing nothing with the product's writer but the contract.
 */
const KEYS: Readonly<Record<string, string>> = {
  'data/accounts.json':
    'accountId userId accountName accountType institution balance currency notes isActive defaultFileMapId lastTransactionDate createdAt updatedAt',
  'data/transactions.json':
    'transactionId userId accountId fileId date description amount currency balance importOrder transactionType memo checkNumber fitId status statusDate transactionHash categories primaryCategoryId createdAt updatedAt',
  'data/categories.json':
    'categoryId userId name type parentCategoryId icon color rules inheritParentRules ruleInheritanceMode createdAt updatedAt',
  'data/file_maps.json':
    'fileMapId userId name accountId description mappings reverseAmounts createdAt updatedAt',
  'data/transaction_files.json':
    'fileId userId fileName uploadDate fileSize s3Key processingStatus processedDate fileFormat accountId fileMapId recordCount dateRange errorMessage openingBalance closingBalance currency duplicateCount transactionCount createdAt updatedAt',
  'data/analytics.json':
    'pk sk userId analyticType timePeriod accountId data computedDate dataThroughDate ttl',
};
const NESTED_KEYS: Readonly<Record<string, string>> = {
  'data/transactions.json categories': 'categoryId confidence status isManual assignedAt confirmedAt ruleId',
  'data/categories.json rules':
    'ruleId fieldToMatch condition value caseSensitive priority enabled confidence amountMin amountMax allowMultipleMatches autoSuggest',
  'data/file_maps.json mappings': 'sourceField targetField transformation',
  'data/transaction_files.json dateRange': 'startDate endDate',
};
const MONEY = ['amount', 'balance', 'openingBalance', 'closingBalance', 'amountMin', 'amountMax'];

/** A number without its exponent, by moving the point one place at a time. */
const withoutExponent = (text: string): string => {
  const [mantissa = '', exponent = '0'] = text.toUpperCase().split('E');
  const sign = mantissa.startsWith('-') ? '-' : '';
  let [whole = '', fraction = ''] = mantissa.replace(/^[+-]/, '').split('.');
  for (let power = Number(exponent); power > 0; power--) {
    whole += fraction.slice(0, 1) || '0';
    fraction = fraction.slice(1);
  }
  for (let power = Number(exponent); power < 0; power++) {
    fraction = (whole.slice(-1) || '0') + fraction;
    whole = whole.slice(0, -1);
  }
  whole = whole.replace(/^0+(?=\d)/, '') || '0';
  fraction = fraction.replace(/0+$/, '');
  const unsigned = fraction === '' ? whole : `${whole}.${fraction}`;
  return unsigned === '0' ? '0' : sign + unsigned;
};

const inOrder = (names: readonly string[], listed = ''): string[] => {
  const first = listed.split(' ').filter((name) => names.includes(name));
  const rest = names.filter((name) => !first.includes(name));
  return [...first, ...rest.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))];
};

/** `path` only of a record: what lies deeper has an order of its own. */
const objectOf = (map: Record<string, AttributeValue>, listed?: string, path?: string): string =>
  `{${inOrder(Object.keys(map), listed)
    .map((name) => {
      const value = map[name];
      const money = value?.N !== undefined && MONEY.includes(name);
      return `${JSON.stringify(name)}:${money ? JSON.stringify(withoutExponent(value.N)) : valueOf(value, NESTED_KEYS[`${path} ${name}`])}`;
    })
    .join(',')}}`;

const valueOf = (value: AttributeValue | undefined, listed?: string): string => {
  if (value === undefined) throw new Error('An attribute has no value.');
  if (value.N !== undefined) return value.N;
  if (value.M !== undefined) return objectOf(value.M, listed);
  if (value.L !== undefined) return `[${value.L.map((member) => valueOf(member, listed)).join(',')}]`;
  if (value.NS !== undefined) return `[${[...value.NS].sort((a, b) => Number(a) - Number(b)).join(',')}]`;
  if (value.SS !== undefined) return JSON.stringify([...value.SS].sort());
  if (value.B !== undefined) return JSON.stringify(Buffer.from(value.B).toString('base64'));
  if (value.BS !== undefined) {
    const sorted = value.BS.map((bytes) => Buffer.from(bytes)).sort((a, b) => Buffer.compare(a, b));
    return JSON.stringify(sorted.map((bytes) => bytes.toString('base64')));
  }
  return JSON.stringify(value.NULL === true ? null : (value.S ?? value.BOOL));
};

export const expectedJson = (item: Record<string, AttributeValue>, path: string): string =>
  objectOf(item, KEYS[path], path);

/** A file record as the package shows it: with one attribute more, which says where the file's bytes are. */
export const expectedFileJson = (item: Record<string, AttributeValue>, packageEntry: unknown): string => {
  const others = Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'packageEntry'));
  const stored = expectedJson(others, 'data/transaction_files.json');
  return `${stored.slice(0, -1)},"packageEntry":${JSON.stringify(packageEntry)}}`;
};
