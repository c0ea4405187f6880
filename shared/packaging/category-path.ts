import type { SurveyedCategory } from './household-survey.ts';

const SEPARATOR = ' > ';

/**
 * Where each category stands in the tree, as a person writes it: `Food > Bakery`. A tree that leads back into itself is
 * followed once round, and one whose upper part is not in the package begins where the package does.
 */
export const categoryPaths = (categories: ReadonlyMap<string, SurveyedCategory>) => {
  const known = new Map<string, string>();

  const pathOf = (categoryId: string): string => {
    const names: string[] = [];
    const passed = new Set<string>();
    let at = categories.get(categoryId);
    while (at !== undefined && !passed.has(at.categoryId)) {
      passed.add(at.categoryId);
      names.push(at.name ?? at.categoryId);
      at = categories.get(at.parentCategoryId ?? '');
    }
    return names.reverse().join(SEPARATOR);
  };

  return (categoryId: string): string => {
    const path = known.get(categoryId) ?? pathOf(categoryId);
    known.set(categoryId, path);
    return path;
  };
};
