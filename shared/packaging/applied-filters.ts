import { compareUtf8 } from '../domain/compare-utf8.ts';
import type { ExportRequest } from '../domain/export-request.ts';
import type { ManifestFilters } from '../domain/manifest.ts';
import type { HouseholdSurvey } from './household-survey.ts';

const missing = (ids: readonly string[] = [], known: ReadonlyMap<string, unknown>): string[] =>
  [...new Set(ids)].filter((id) => id !== '' && !known.has(id)).sort(compareUtf8);

/** The filters of a selective export, which of their ids are none of the user's, and which parents stayed outside. */
export const appliedFilters = (request: ExportRequest, survey: HouseholdSurvey): ManifestFilters => {
  if (request.exportType !== 'selective') return {};
  const { accountIds, categoryIds, dateRangeStart, dateRangeEnd } = request;
  const parents = [...survey.categories.values()].map(({ parentCategoryId = '' }) => parentCategoryId);
  return {
    ...(accountIds === undefined ? {} : { accountIds }),
    ...(categoryIds === undefined ? {} : { categoryIds }),
    ...(dateRangeStart === undefined ? {} : { dateRangeStart }),
    ...(dateRangeEnd === undefined ? {} : { dateRangeEnd }),
    notFound: {
      accountIds: missing(accountIds, survey.accounts),
      categoryIds: missing(categoryIds, survey.categories),
    },
    referencedCategories: missing(parents, survey.categories),
  };
};
