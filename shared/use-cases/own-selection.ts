import type { Section } from '../domain/sections.ts';
import { idFiltersOf, type IdFilter, type Selection } from '../domain/selection.ts';
import type { HouseholdSource } from '../ports.ts';

/** Whose ids a filter names. */
const NAMED: Readonly<Record<IdFilter, Section>> = { accountIds: 'accounts', categoryIds: 'categories' };

/**
 * A selection without the ids that are none of the user's: such an id selects nothing, although records of the user's own
 * may refer to it (data contract, "Filters").
 */
export const ownSelection = async (
  source: Pick<HouseholdSource, 'pages'>,
  section: Section,
  userId: string,
  selection: Selection,
): Promise<Selection> => {
  const foundIds = async (filter: IdFilter): Promise<ReadonlySet<string>> => {
    const found = new Set<string>();
    for await (const records of source.pages(NAMED[filter], userId, selection)) {
      for (const { primaryKey } of records) found.add(primaryKey);
    }
    return found;
  };

  const toFind = idFiltersOf(section).filter(
    (filter) => selection[filter] !== undefined && NAMED[filter] !== section,
  );
  const found = await Promise.all(toFind.map(async (filter) => [filter, await foundIds(filter)] as const));
  return { ...selection, ...Object.fromEntries(found) };
};
