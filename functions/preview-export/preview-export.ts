import * as z from 'zod/mini';
import type { ExportPreview } from '../../shared/api/replies.ts';
import { InvalidRequest } from '../../shared/domain/errors.ts';
import { EXPORT_TYPES, type ExportType } from '../../shared/domain/export-request.ts';
import { EVERYTHING } from '../../shared/domain/selection.ts';
import type { ApiReply, ApiRequest } from '../../shared/http.ts';
import type { HouseholdSource } from '../../shared/ports.ts';
import { ESTIMATE_PAGES, type EstimateExport } from '../../shared/use-cases/estimate-export.ts';

interface Dependencies {
  readonly source: HouseholdSource;
  readonly estimate: EstimateExport;
}

const exportTypeOf = ({ query }: ApiRequest): ExportType => {
  const wanted = query['exportType'] ?? 'complete';
  const exportType = EXPORT_TYPES.find((type) => type === wanted);
  if (exportType === undefined) {
    throw new InvalidRequest([], `The query parameter exportType must be one of ${EXPORT_TYPES.join(', ')}.`);
  }
  return exportType;
};

const textIfAny = z.catch(z.nullable(z.string()), null);

/** The attributes of a record by which a person chooses it. */
const CHOICE = {
  accounts: { id: 'accountId', name: 'accountName' },
  categories: { id: 'categoryId', name: 'name' },
} as const;

/** What an export would hold, from a few index pages: what cannot be known from those is null. */
export const createPreviewExport = ({ source, estimate }: Dependencies) => {
  const named = async (section: keyof typeof CHOICE, userId: string) => {
    const { id, name } = CHOICE[section];
    const { records, whole } = await source.first(section, userId, EVERYTHING, ESTIMATE_PAGES);
    return {
      list: records.map((record) => ({
        id: textIfAny.parse(record.value(id)),
        name: textIfAny.parse(record.value(name)),
      })),
      count: whole ? records.length : null,
    };
  };
  const counted = async (section: 'transactions' | 'fileMaps' | 'transactionFiles', userId: string) => {
    const { count, whole } = await source.count(section, userId, EVERYTHING, ESTIMATE_PAGES);
    return whole ? count : null;
  };

  return async (request: ApiRequest): Promise<ApiReply<ExportPreview>> => {
    const { userId } = request;
    const exportType = exportTypeOf(request);
    const [accounts, categories, transactions, fileMaps, transactionFiles, estimated] = await Promise.all([
      named('accounts', userId),
      named('categories', userId),
      counted('transactions', userId),
      counted('fileMaps', userId),
      counted('transactionFiles', userId),
      estimate(userId, { exportType, exportFormat: 'zip', includeAnalytics: false }),
    ]);
    return {
      status: 200,
      body: {
        exportType,
        accounts: accounts.list,
        categories: categories.list,
        counts: {
          accounts: accounts.count,
          transactions,
          categories: categories.count,
          fileMaps,
          transactionFiles,
        },
        estimatedSize: estimated.size,
      },
    };
  };
};
