import { useEffect, useReducer, useState } from 'preact/hooks';
import { Accounts } from './accounts.tsx';
import { Categories } from './categories.tsx';
import { DropZone } from './drop-zone.tsx';
import { bytesText, countText } from './figures.ts';
import { Overview } from './overview.tsx';
import { openSession, type PackageSession } from './package-session.ts';
import { NOTHING_KNOWN, withNews, type PackageState } from './package-state.ts';
import { StatementFiles } from './statement-files.tsx';
import { Tabs, type Tab } from './tabs.tsx';
import { EVERYTHING } from './transaction-choice.ts';
import { Transactions } from './transactions.tsx';
import { VerdictCard } from './verdict-card.tsx';
import { useKeptFocus } from './use-kept-focus.ts';
import { refusalWords } from './words.ts';

type ViewName = 'overview' | 'accounts' | 'transactions' | 'categories' | 'files';

const tabsOf = ({ manifest }: PackageState): Tab<ViewName>[] => {
  const counts = manifest?.counts ?? {};
  const titled = (title: string, count: number | undefined): string =>
    count === undefined ? title : `${title} (${countText(count)})`;
  return [
    { name: 'overview', title: 'Overview' },
    { name: 'transactions', title: titled('Transactions', counts.transactions?.expected) },
    { name: 'accounts', title: titled('Accounts', counts.accounts?.expected) },
    { name: 'categories', title: titled('Categories', counts.categories?.expected) },
    { name: 'files', title: titled('Statement files', counts.transactionFiles?.expected) },
  ];
};

const Views = ({ state, session }: { readonly state: PackageState; readonly session: PackageSession }) => {
  const [view, setView] = useState<ViewName>('overview');
  const [choice, setChoice] = useState(EVERYTHING);
  const { manifest, household } = state;
  if (manifest === undefined) return null;
  const show = (part: Partial<typeof EVERYTHING>): void => {
    setChoice({ ...EVERYTHING, ...part });
    setView('transactions');
  };
  return (
    <Tabs label="The package" tabs={tabsOf(state)} selected={view} onSelect={setView}>
      {view === 'overview' && <Overview manifest={manifest} household={household} />}
      {view === 'transactions' && (
        <Transactions ask={session.ask} state={state} choice={choice} onChoice={setChoice} />
      )}
      {view === 'accounts' && (
        <Accounts
          accounts={household.accounts}
          totals={manifest.controlTotals}
          onShow={(accountId) => show({ accountId })}
        />
      )}
      {view === 'categories' && (
        <Categories categories={household.categories} onShow={(categoryId) => show({ categoryId })} />
      )}
      {view === 'files' && <StatementFiles household={household} ask={session.ask} />}
    </Tabs>
  );
};

const Refused = ({ refusal }: { readonly refusal: NonNullable<PackageState['refusal']> }) => {
  const { title, advice } = refusalWords(refusal);
  return (
    <section class="card verdict bad" role="alert">
      <p class="sentence">{title}</p>
      <p>{advice}</p>
    </section>
  );
};

/** One package: its check, and what is in it. */
const OpenPackage = ({ file }: { readonly file: File }) => {
  const [state, tell] = useReducer(withNews, NOTHING_KNOWN);
  const [session, setSession] = useState<PackageSession>();
  useEffect(() => {
    const opened = openSession(file, tell);
    setSession(opened);
    return opened.close;
  }, [file]);
  if (state.refusal !== undefined) return <Refused refusal={state.refusal} />;
  return (
    <>
      <VerdictCard {...state} />
      {session !== undefined && <Views state={state} session={session} />}
    </>
  );
};

const HINT = 'Choose an export that you have downloaded: a ZIP file.';

export interface PackageViewerProps {
  /** The package to open; without one the person chooses. */
  readonly file: File | undefined;
  /** Which file to choose, in a sentence. */
  readonly hint?: string;
}

/** Checks a package and lets its owner browse it. Nothing of it leaves the machine. */
export const PackageViewer = ({ file, hint = HINT }: PackageViewerProps) => {
  // Each choice is opened anew, also of the same file.
  const [chosen, setChosen] = useState({ file, times: 0 });
  useEffect(
    () => setChosen((before) => (before.file === file ? before : { file, times: before.times + 1 })),
    [file],
  );
  const whole = useKeptFocus<HTMLDivElement>(chosen);
  if (chosen.file === undefined) {
    return (
      <div ref={whole} tabIndex={-1}>
        <DropZone hint={hint} onFile={(next) => setChosen({ file: next, times: chosen.times + 1 })} />
      </div>
    );
  }
  return (
    <div ref={whole} class="package-viewer" tabIndex={-1}>
      <header class="package-head">
        <p>
          <bdi class="file-name">{chosen.file.name}</bdi>{' '}
          <span class="quiet figures">{bytesText(chosen.file.size)}</span>
        </p>
        <button type="button" onClick={() => setChosen({ file: undefined, times: chosen.times + 1 })}>
          Open another package
        </button>
      </header>
      <OpenPackage key={chosen.times} file={chosen.file} />
    </div>
  );
};
