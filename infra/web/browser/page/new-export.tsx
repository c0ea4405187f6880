import { useRef } from 'preact/hooks';
import type { ExportPreview } from '../../../../shared/api/replies.ts';
import { SelectionFields, TypeFields } from './choice-fields.tsx';
import { draftProblems, type ExportType } from './export-draft.ts';
import { useIsOnline } from './hooks.ts';
import { Notice, TroubleNotice } from './notice.tsx';
import { OptionFields } from './option-fields.tsx';
import { countOf, sizeText } from './quantities.ts';
import { useServices } from './services.ts';
import { useDraft } from './use-draft.ts';
import { usePreview } from './use-preview.ts';
import { useStarting } from './use-starting.ts';

type Counts = ExportPreview['counts'];

const knownCounts = (counts: Counts, exportType: ExportType): string[] => {
  const accounts = counts.accounts === null ? [] : [countOf(counts.accounts, 'account')];
  const transactions = [
    counts.transactions === null
      ? 'more transactions than can be counted quickly'
      : countOf(counts.transactions, 'transaction'),
  ];
  const files = counts.transactionFiles === null ? [] : [countOf(counts.transactionFiles, 'statement')];
  switch (exportType) {
    case 'accounts_only':
      return accounts;
    case 'transactions_only':
      return transactions;
    default:
      return [...accounts, ...files, ...transactions];
  }
};

/** What the export will be like, as far as that is known: what is not is said to be unknown. */
const Estimate = ({
  preview,
  exportType,
}: {
  readonly preview: ExportPreview;
  readonly exportType: ExportType;
}) => {
  const size = preview.estimatedSize;
  const counts = knownCounts(preview.counts, exportType);
  if (size === 0) return <p class="estimate">There is nothing to export yet.</p>;
  const upTo = exportType === 'selective' ? 'at most about ' : 'about ';
  return (
    <p class="estimate">
      <strong>
        {size === null ? 'The size is not known beforehand' : `Will be ${upTo}${sizeText(size)}`}
      </strong>
      <span class="quiet">
        {counts.length === 0
          ? 'There is more than can be counted quickly.'
          : `${exportType === 'selective' ? 'Chosen from ' : ''}${counts.join(', ')}`}
      </span>
    </p>
  );
};

/** The form that starts an export. */
export const NewExport = ({ onStarted }: { readonly onStarted: (exportId: string) => void }) => {
  const { session, isExpired } = useServices();
  const { draft, change, clear } = useDraft(session.userId);
  const { preview, isLoading, trouble: previewTrouble, retry } = usePreview(draft.exportType);
  const { isStarting, trouble, start } = useStarting((exportId) => {
    clear();
    onStarted(exportId);
  });
  const isOnline = useIsOnline();
  const estimatePlace = useRef<HTMLDivElement>(null);
  const problems = draftProblems(draft);
  const hasProblems = Object.keys(problems).length > 0;
  return (
    <section class="card new-export" aria-labelledby="new-export">
      <h2 id="new-export">New export</h2>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!hasProblems) void start(draft);
        }}
      >
        <TypeFields draft={draft} change={change} />
        {draft.exportType === 'selective' ? (
          <SelectionFields
            draft={draft}
            change={change}
            preview={preview}
            isReadable={previewTrouble === undefined}
            problems={problems}
          />
        ) : null}
        <OptionFields draft={draft} change={change} problems={problems} />
        <div class="estimate-place" aria-live="polite" tabindex={-1} ref={estimatePlace}>
          {isExpired ? (
            <p class="estimate quiet">Sign in again to see how large it will be.</p>
          ) : previewTrouble !== undefined ? (
            <Notice tone="warning" title="The size could not be estimated">
              <p>{previewTrouble.detail} You can start the export all the same.</p>
              <button
                type="button"
                onClick={() => {
                  // The button goes with the notice.
                  estimatePlace.current?.focus();
                  retry();
                }}
              >
                Estimate again
              </button>
            </Notice>
          ) : isLoading || preview === undefined ? (
            <p class="estimate quiet">Estimating the size …</p>
          ) : (
            <Estimate preview={preview} exportType={draft.exportType} />
          )}
        </div>
        {trouble === undefined ? null : <TroubleNotice trouble={trouble} />}
        <button
          class="primary start"
          aria-disabled={isStarting}
          disabled={!isOnline || hasProblems || isExpired}
        >
          {isStarting ? 'Starting …' : 'Start export'}
        </button>
      </form>
    </section>
  );
};
