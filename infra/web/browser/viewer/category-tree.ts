import type { ShownCategory } from './protocol.ts';

export interface CategoryBranch {
  readonly category: ShownCategory;
  /** 0 at the top. */
  readonly depth: number;
  readonly children: readonly CategoryBranch[];
}

/**
 * Categories below their parents, by name. Whatever has no parent here stands at the top; where parents go round in a circle,
 * the circle is cut at its first category.
 */
export const categoryTree = (categories: readonly ShownCategory[]): CategoryBranch[] => {
  const known = new Set(categories.map(({ id }) => id));
  const byParent = Map.groupBy(categories, ({ parentId }) => (known.has(parentId) ? parentId : ''));
  const placed = new Set<string>();
  const branch = (category: ShownCategory, depth: number): CategoryBranch[] => {
    if (placed.has(category.id)) return [];
    placed.add(category.id);
    return [{ category, depth, children: below(category.id, depth + 1) }];
  };
  const below = (parentId: string, depth: number): CategoryBranch[] =>
    (byParent.get(parentId) ?? [])
      .toSorted((a, b) => a.name.localeCompare(b.name))
      .flatMap((category) => branch(category, depth));
  const tree = below('', 0);
  return [...tree, ...categories.flatMap((category) => branch(category, 0))];
};

/** A tree as a list in which each category is followed by those below it. */
export const flattened = (branches: readonly CategoryBranch[]): CategoryBranch[] =>
  branches.flatMap((branch) => [branch, ...flattened(branch.children)]);

/** A category's id and those of all below it. */
export const withDescendants = (branches: readonly CategoryBranch[], id: string): string[] => {
  const found = flattened(branches).find(({ category }) => category.id === id);
  return found === undefined ? [id] : flattened([found]).map(({ category }) => category.id);
};
