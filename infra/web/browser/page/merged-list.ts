import type { ListedExport } from '../../../../shared/api/replies.ts';

/**
 * A list with its first page read anew: what that page no longer shows is gone, what came after it stays.
 * Both are newest first.
 */
export const mergedList = (
  known: readonly ListedExport[],
  firstPage: readonly ListedExport[],
): ListedExport[] => {
  const last = firstPage.at(-1);
  if (last === undefined) return [];
  const fresh = new Set(firstPage.map(({ exportId }) => exportId));
  const older = known.filter(
    ({ exportId, requestedAt }) => !fresh.has(exportId) && requestedAt < last.requestedAt,
  );
  return [...firstPage, ...older];
};
