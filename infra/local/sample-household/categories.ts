import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { flag, item, list, map, number, text } from './attribute-values.ts';
import type { Item } from './attribute-values.ts';
import type { CategoryNode } from './category-tree.ts';
import type { HouseholdPlan } from './household-plans.ts';
import { MARKET_STALL } from './merchants.ts';
import type { Merchant } from './merchants.ts';
import { decimalFromCents } from './money.ts';
import { sampleId } from './sample-id.ts';

const categoryIdOf = (userId: string, path: string): string => sampleId(userId, 'category', path);

const ruleIdOf = (userId: string, { name, category }: Merchant): string =>
  sampleId(userId, 'rule', category, name);

/** The category a merchant's bookings get, and the rule that gives it. */
export const categorisation = (userId: string, merchant: Merchant) => ({
  categoryId: categoryIdOf(userId, merchant.category),
  ruleId: ruleIdOf(userId, merchant),
});

const merchantsOf = ({ accounts, isCurious }: HouseholdPlan): Merchant[] => {
  const merchants = accounts.flatMap((account) => [
    ...account.standingOrders.map((order) => order.merchant),
    ...account.merchants,
  ]);
  return [...new Set(isCurious ? [...merchants, MARKET_STALL] : merchants)];
};

const rule = (userId: string, merchant: Merchant, index: number): AttributeValue => {
  const [min, max] = merchant.cents;
  const isBounded = index % 2 === 0;
  return map({
    ruleId: text(ruleIdOf(userId, merchant)),
    fieldToMatch: text('description'),
    condition: text(isBounded ? 'contains' : 'starts_with'),
    value: text(merchant.name),
    caseSensitive: flag(!isBounded),
    priority: number(index * 10),
    enabled: flag(index % 5 !== 4),
    confidence: number(100 - index),
    amountMin: isBounded ? number(decimalFromCents(min)) : undefined,
    amountMax: isBounded ? number(decimalFromCents(max)) : undefined,
    allowMultipleMatches: flag(index % 3 === 0),
    autoSuggest: flag(true),
  });
};

interface CategoryPlace {
  readonly type: 'INCOME' | 'EXPENSE';
  readonly parentPath?: string;
}

/** The records of a household's categories with a rule for each merchant it knows; parents come before their children. */
export const categoryItems = (plan: HouseholdPlan, createdAt: number): Item[] => {
  const { userId } = plan;
  const merchants = merchantsOf(plan);

  const categoryItem = (node: CategoryNode, path: string, { type, parentPath }: CategoryPlace): Item => {
    const rules = merchants.filter(({ category }) => category === path);
    return item({
      categoryId: text(categoryIdOf(userId, path)),
      userId: text(userId),
      name: text(node.name),
      type: text(type),
      parentCategoryId: parentPath === undefined ? undefined : text(categoryIdOf(userId, parentPath)),
      icon: node.icon === undefined ? undefined : text(node.icon),
      color: node.color === undefined ? undefined : text(node.color),
      rules: list(rules.map((merchant, index) => rule(userId, merchant, index))),
      inheritParentRules: flag(rules.length === 0),
      ruleInheritanceMode: text(rules.length === 0 ? 'additive' : 'override'),
      createdAt: number(createdAt),
      updatedAt: number(createdAt),
    });
  };

  const branch = (node: CategoryNode, place: CategoryPlace): Item[] => {
    const path = place.parentPath === undefined ? node.name : `${place.parentPath}/${node.name}`;
    const below = { type: place.type, parentPath: path };
    return [
      categoryItem(node, path, place),
      ...(node.children ?? []).flatMap((child) => branch(child, below)),
    ];
  };

  return [
    ...plan.categories.INCOME.flatMap((node) => branch(node, { type: 'INCOME' })),
    ...plan.categories.EXPENSE.flatMap((node) => branch(node, { type: 'EXPENSE' })),
  ];
};
