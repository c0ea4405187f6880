import { useState } from 'preact/hooks';
import { EMPTY_DRAFT, revivedDraft, type ExportDraft } from './export-draft.ts';
import { isRecord } from './is-record.ts';
import { forget, keep, kept } from './session.ts';

const KEY = 'draft';

export interface DraftState {
  readonly draft: ExportDraft;
  readonly change: (changes: Partial<ExportDraft>) => void;
  readonly clear: () => void;
}

const keptDraft = (userId: string): ExportDraft => {
  const value = kept(KEY);
  return isRecord(value) && value['userId'] === userId ? revivedDraft(value['draft']) : EMPTY_DRAFT;
};

/**
 * What stands in the form: kept in the tab, so that signing in again on the way loses nothing of it; whoever else signs in
 * does not see it.
 */
export const useDraft = (userId: string): DraftState => {
  const [draft, setDraft] = useState(() => keptDraft(userId));
  return {
    draft,
    change: (changes) =>
      setDraft((current) => {
        const next = { ...current, ...changes };
        keep(KEY, { userId, draft: next });
        return next;
      }),
    clear: () => {
      forget(KEY);
      setDraft(EMPTY_DRAFT);
    },
  };
};
