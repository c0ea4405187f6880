import type { Manifest } from '../../../../shared/domain/manifest.ts';
import type { CheckProgress, Household, News, Refusal, Verdict } from './protocol.ts';

/** What is known of a package so far. */
export interface PackageState {
  readonly refusal: Refusal | undefined;
  readonly manifest: Manifest | undefined;
  readonly household: Household;
  readonly progress: CheckProgress;
  /** All transactions are read. */
  readonly isSearchable: boolean;
  readonly verdict: Verdict | undefined;
  /** Hex, of the whole file. */
  readonly packageHash: string | undefined;
}

export const NOTHING_KNOWN: PackageState = {
  refusal: undefined,
  manifest: undefined,
  household: { accounts: [], categories: [], files: [] },
  progress: { checkedBytes: 0, totalBytes: 0, checkedEntries: 0, totalEntries: 0, transactions: 0 },
  isSearchable: false,
  verdict: undefined,
  packageHash: undefined,
};

/** What is known after some news. */
export const withNews = (state: PackageState, news: News): PackageState => {
  switch (news.kind) {
    case 'refused':
      return { ...state, refusal: news.refusal };
    case 'manifest':
      return { ...state, manifest: news.manifest };
    case 'household':
      return { ...state, household: news.household };
    case 'progress':
      return { ...state, progress: news.progress };
    case 'searchable':
      return {
        ...state,
        isSearchable: true,
        progress: { ...state.progress, transactions: news.transactions },
      };
    case 'verdict':
      return { ...state, verdict: news.verdict };
    case 'package-hash':
      return { ...state, packageHash: news.sha256 };
  }
};
