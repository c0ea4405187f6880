/** A category and what lies below it. */
export interface CategoryNode {
  readonly name: string;
  readonly icon?: string;
  readonly color?: string;
  readonly children?: readonly CategoryNode[];
}

export interface CategoryTree {
  readonly INCOME: readonly CategoryNode[];
  readonly EXPENSE: readonly CategoryNode[];
}

const leaves = (...names: readonly string[]): CategoryNode[] => names.map((name) => ({ name }));

const INCOME: CategoryNode = {
  name: 'Income',
  icon: '💶',
  color: '#2E7D32',
  children: [
    { name: 'Salary', children: leaves('Base pay', 'Bonus') },
    { name: 'Capital income', children: leaves('Interest', 'Dividends') },
    ...leaves('Refunds', 'Sales'),
  ],
};

const HOUSING: CategoryNode = {
  name: 'Housing',
  icon: 'home',
  color: '#5D4037',
  // "Insurance" is here and below the car: two categories may share a name.
  children: [
    ...leaves('Rent', 'Insurance'),
    { name: 'Utilities', children: leaves('Electricity', 'Water', 'Internet') },
  ],
};

const FOOD: CategoryNode = {
  name: 'Food',
  icon: 'utensils',
  color: '#EF6C00',
  children: [
    { name: 'Groceries', children: leaves('Supermarket', 'Market', 'Bakery') },
    { name: 'Eating out', children: leaves('Cafés', 'Restaurants') },
  ],
};

const TRANSPORT: CategoryNode = {
  name: 'Transport',
  icon: '🚋',
  children: [
    ...leaves('Public transport', 'Fuel'),
    { name: 'Car', children: leaves('Insurance', 'Repairs') },
  ],
};

const LEISURE: CategoryNode = {
  name: 'Leisure',
  color: '#6A1B9A',
  children: [
    ...leaves('Books and music', 'Sport', 'Geschenke 🎁'),
    { name: 'Travel', children: leaves('Hotels', 'Trains') },
  ],
};

const HEALTH: CategoryNode = { name: 'Health', children: leaves('Pharmacy', 'Doctor') };

const FINANCE: CategoryNode = { name: 'Finance', children: leaves('Loan', 'Fees', 'Transfers') };

/** Three levels, some forty categories. */
export const LARGE_CATEGORY_TREE: CategoryTree = {
  INCOME: [INCOME],
  EXPENSE: [HOUSING, FOOD, TRANSPORT, LEISURE, HEALTH, FINANCE],
};

/** Enough for a household that shops in Britain. */
export const SMALL_CATEGORY_TREE: CategoryTree = {
  INCOME: [{ name: 'Income', children: leaves('Sales') }],
  EXPENSE: [
    FOOD,
    {
      name: 'Leisure',
      children: [...leaves('Books and music'), { name: 'Travel', children: leaves('Trains') }],
    },
    { name: 'Health', children: leaves('Pharmacy') },
    { name: 'Finance', children: leaves('Transfers') },
  ],
};
