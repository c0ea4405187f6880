import { isJsonRecord, type JsonRecord } from '../../../../../shared/domain/json-record.ts';
import type { ShownAccount, ShownCategory, ShownFile } from '../protocol.ts';

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

export const shownAccount = (record: JsonRecord): ShownAccount => ({
  id: textOf(record['accountId']),
  name: textOf(record['accountName']),
  type: textOf(record['accountType']),
  institution: textOf(record['institution']),
  currency: textOf(record['currency']),
  balance: textOf(record['balance']),
  isActive: record['isActive'] !== false,
});

export const shownCategory = (record: JsonRecord): ShownCategory => ({
  id: textOf(record['categoryId']),
  name: textOf(record['name']),
  type: textOf(record['type']),
  icon: textOf(record['icon']),
  parentId: textOf(record['parentCategoryId']),
  rules: Array.isArray(record['rules']) ? record['rules'].length : 0,
});

export const shownFile = (record: JsonRecord): ShownFile => {
  const entry = isJsonRecord(record['packageEntry']) ? record['packageEntry'] : {};
  const { uploadDate } = record;
  return {
    id: textOf(record['fileId']),
    name: textOf(record['fileName']),
    path: textOf(entry['path']),
    omission: textOf(entry['omission']),
    bytes: numberOf(entry['bytes'] ?? record['fileSize']),
    accountId: textOf(record['accountId']),
    uploadedAt: typeof uploadDate === 'number' ? uploadDate : null,
    transactions: numberOf(entry['transactionCount']),
  };
};
