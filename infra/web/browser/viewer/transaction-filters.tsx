import type { ComponentChildren } from 'preact';
import { flattened, type CategoryBranch } from './category-tree.ts';
import type { AmountSign, ShownAccount } from './protocol.ts';
import { EVERYTHING, isFiltered, NO_CATEGORY, type TransactionChoice } from './transaction-choice.ts';

interface TransactionFiltersProps {
  readonly choice: TransactionChoice;
  readonly onChange: (choice: TransactionChoice) => void;
  readonly accounts: readonly ShownAccount[];
  readonly categories: readonly CategoryBranch[];
  readonly isDisabled: boolean;
}

const SIGNS: Readonly<Record<AmountSign, string>> = { any: 'In and out', in: 'Money in', out: 'Money out' };

const isSign = (text: string): text is AmountSign => Object.hasOwn(SIGNS, text);

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly onSelect: (value: string) => void;
  readonly children: ComponentChildren;
}

const Select = ({ label, value, onSelect, children }: SelectProps) => (
  <label>
    <span>{label}</span>
    <select value={value} onChange={({ currentTarget }) => onSelect(currentTarget.value)}>
      {children}
    </select>
  </label>
);

const Day = (props: Pick<SelectProps, 'label' | 'value'> & { readonly onDay: (day: string) => void }) => (
  <label>
    <span>{props.label}</span>
    <input
      type="date"
      value={props.value}
      onChange={({ currentTarget }) => props.onDay(currentTarget.value)}
    />
  </label>
);

/** The controls that choose which transactions are shown. */
export const TransactionFilters = (props: TransactionFiltersProps) => {
  const { choice, accounts, categories, isDisabled } = props;
  const change = (part: Partial<TransactionChoice>): void => props.onChange({ ...choice, ...part });
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <fieldset disabled={isDisabled}>
        <legend class="visually-hidden">Which transactions to show</legend>
        <div class="search">
          <label>
            <span>Search</span>
            <input
              type="search"
              placeholder="Description, memo, category, amount"
              value={choice.text}
              onInput={({ currentTarget }) => change({ text: currentTarget.value })}
            />
          </label>
          <button
            type="button"
            disabled={!isFiltered(choice)}
            onClick={() => props.onChange({ ...EVERYTHING, newestFirst: choice.newestFirst })}
          >
            Clear filters
          </button>
        </div>
        <Select label="Account" value={choice.accountId} onSelect={(accountId) => change({ accountId })}>
          <option value="">All accounts</option>
          {accounts.map(({ id, name }) => (
            <option key={id} value={id}>
              {name === '' ? id : name}
            </option>
          ))}
        </Select>
        <Select label="Category" value={choice.categoryId} onSelect={(categoryId) => change({ categoryId })}>
          <option value="">All categories</option>
          <option value={NO_CATEGORY}>Without a category</option>
          {flattened(categories).map(({ category, depth }) => (
            <option key={category.id} value={category.id}>
              {'\u2003'.repeat(depth) + (category.name === '' ? category.id : category.name)}
            </option>
          ))}
        </Select>
        <Day label="From" value={choice.firstDay} onDay={(firstDay) => change({ firstDay })} />
        <Day label="To" value={choice.lastDay} onDay={(lastDay) => change({ lastDay })} />
        <Select
          label="Amount"
          value={choice.sign}
          onSelect={(sign) => change({ sign: isSign(sign) ? sign : 'any' })}
        >
          {Object.entries(SIGNS).map(([sign, title]) => (
            <option key={sign} value={sign}>
              {title}
            </option>
          ))}
        </Select>
        <Select
          label="Order"
          value={choice.newestFirst ? 'newest' : 'oldest'}
          onSelect={(order) => change({ newestFirst: order === 'newest' })}
        >
          <option value="newest">Newest first</option>
          <option value="oldest">Oldest first</option>
        </Select>
      </fieldset>
    </form>
  );
};
