import { useState } from 'preact/hooks';
import { EMPTY_DRAFT, revivedDraft, type ExportDraft } from './export-draft.ts';
import { forget, keep, kept } from './session.ts';

const KEY = 'draft';

export interface DraftState {
  readonly draft: ExportDraft;
  readonly change: (changes: Partial<ExportDraft>) => void;
  readonly clear: () => void;
}

/** What stands in the form: kept in the tab, so that signing in again on the way loses nothing of it. */
export const useDraft = (): DraftState => {
  const [draft, setDraft] = useState(() => revivedDraft(kept(KEY)));
  return {
    draft,
    change: (changes) =>
      setDraft((current) => {
        const next = { ...current, ...changes };
        keep(KEY, next);
        return next;
      }),
    clear: () => {
      forget(KEY);
      setDraft(EMPTY_DRAFT);
    },
  };
};
