import { useEffect, useMemo, useState } from 'preact/hooks';
import { categoryTree, type CategoryBranch } from './category-tree.ts';
import { counted, countText } from './figures.ts';
import type { Ask } from './package-session.ts';
import type { PackageState } from './package-state.ts';
import type { TransactionLine } from './protocol.ts';
import { filterOf, isFiltered, type TransactionChoice } from './transaction-choice.ts';
import { TransactionDetails } from './transaction-details.tsx';
import { TransactionFilters } from './transaction-filters.tsx';
import { TransactionTable, type Names } from './transaction-table.tsx';
import { useStatement } from './use-statement.tsx';

interface TransactionsProps {
  readonly ask: Ask;
  readonly state: PackageState;
  readonly choice: TransactionChoice;
  readonly onChoice: (choice: TransactionChoice) => void;
}

interface Found {
  readonly count: number;
  /** Another one for each search. */
  readonly version: number;
}

/** Letters that are typed one after another are searched for together. */
const TYPING_MS = 120;

const useSearch = (
  ask: Ask,
  choice: TransactionChoice,
  categories: readonly CategoryBranch[],
  isReady: boolean,
) => {
  const [found, setFound] = useState<Found>();
  useEffect(() => {
    if (!isReady) return;
    const search = async (): Promise<void> => {
      const answer = await ask('search', filterOf(choice, categories));
      const count = answer?.answer ?? null;
      if (count !== null) setFound((before) => ({ count, version: (before?.version ?? 0) + 1 }));
    };
    const timer = setTimeout(() => void search(), found === undefined ? 0 : TYPING_MS);
    return () => clearTimeout(timer);
  }, [ask, choice, categories, isReady]);
  return found;
};

const summaryOf = (
  { manifest, progress }: PackageState,
  found: Found | undefined,
  choice: TransactionChoice,
) => {
  const total = manifest?.counts.transactions?.expected ?? progress.transactions;
  if (found === undefined) {
    return `Reading: ${countText(progress.transactions)} of ${counted(total, 'transaction')}. The oldest are shown; search and filters follow when all are read.`;
  }
  if (found.count === 0) return 'No transaction is like that.';
  return isFiltered(choice)
    ? `${countText(found.count)} of ${counted(progress.transactions, 'transaction')}`
    : counted(found.count, 'transaction');
};

/** The transactions of a package: searched, filtered, and each with all its fields. */
export const Transactions = ({ ask, state, choice, onChoice }: TransactionsProps) => {
  const { household, isSearchable, progress, manifest } = state;
  const categories = useMemo(() => categoryTree(household.categories), [household]);
  const names = useMemo<Names>(
    () => ({
      accounts: new Map(household.accounts.map(({ id, name }) => [id, name])),
      categories: new Map(household.categories.map(({ id, name }) => [id, name])),
    }),
    [household],
  );
  const found = useSearch(ask, choice, categories, isSearchable);
  const [opened, setOpened] = useState<TransactionLine>();
  const statements = useStatement(ask);
  if (manifest?.counts.transactions === undefined) {
    return <p class="card quiet">No transactions are in this package.</p>;
  }
  return (
    <section class="card">
      <h2>Transactions</h2>
      <TransactionFilters
        choice={choice}
        onChange={onChoice}
        accounts={household.accounts}
        categories={categories}
        isDisabled={found === undefined}
      />
      <p class="quiet figures" role="status">
        {summaryOf(state, found, choice)}
      </p>
      <TransactionTable
        ask={ask}
        count={found?.count ?? progress.transactions}
        version={found?.version ?? 0}
        names={names}
        onOpen={setOpened}
      />
      <p role="alert">{statements.failure}</p>
      {opened !== undefined && (
        <TransactionDetails
          ask={ask}
          line={opened}
          household={household}
          names={names}
          statements={statements}
          onClose={() => setOpened(undefined)}
        />
      )}
      {statements.dialog}
    </section>
  );
};
