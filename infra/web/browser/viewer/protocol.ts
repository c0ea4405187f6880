import type { Manifest } from '../../../../shared/domain/manifest.ts';

/** An account as lists show it; what a record lacks, or has of another type, is an empty text. */
export interface ShownAccount {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly institution: string;
  readonly currency: string;
  /** Exact decimal. */
  readonly balance: string;
  readonly isActive: boolean;
}

export interface ShownCategory {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly icon: string;
  /** Empty at the top. */
  readonly parentId: string;
  readonly rules: number;
}

export interface ShownFile {
  readonly id: string;
  /** As its owner named it. */
  readonly name: string;
  /** Where its bytes lie in the package; empty where they are not in it. */
  readonly path: string;
  /** Why they are not; empty where they are. */
  readonly omission: string;
  readonly bytes: number;
  readonly accountId: string;
  /** Epoch ms; null where the record tells none. */
  readonly uploadedAt: number | null;
  readonly transactions: number;
}

/** What lists and filters name things by. */
export interface Household {
  readonly accounts: readonly ShownAccount[];
  readonly categories: readonly ShownCategory[];
  readonly files: readonly ShownFile[];
}

/** A transaction as a line of the table. */
export interface TransactionLine {
  /** Its place in the package. */
  readonly row: number;
  /** Epoch ms; null where it is no number. */
  readonly date: number | null;
  readonly description: string;
  /** Exact decimal; empty where it has none. */
  readonly amount: string;
  readonly currency: string;
  readonly accountId: string;
  readonly categoryId: string;
}

export type AmountSign = 'any' | 'in' | 'out';

/** Which transactions are wanted; everything that is given must hold. */
export interface TransactionFilter {
  /** Words, all of which a transaction must have somewhere. */
  readonly text: string;
  /** Empty for all. */
  readonly accountId: string;
  /** Null for all; an empty id stands for "none". */
  readonly categoryIds: readonly string[] | null;
  /** Epoch ms, inclusive. */
  readonly from: number | null;
  /** Epoch ms, exclusive. */
  readonly before: number | null;
  readonly sign: AmountSign;
  readonly newestFirst: boolean;
}

/** Something in the package that is not as it must be. */
export interface Problem {
  /** What it is about: a path, or a part of the manifest. */
  readonly where: string;
  /** A sentence. */
  readonly fact: string;
}

/** Why a file cannot be shown at all. */
export type Refusal =
  | { readonly kind: 'not-a-zip' | 'damaged-zip' | 'json-package' | 'no-export' | 'unreadable' }
  | { readonly kind: 'other-version'; readonly version: string }
  | { readonly kind: 'broken-manifest'; readonly fact: string };

/** How far the check is. */
export interface CheckProgress {
  readonly checkedBytes: number;
  readonly totalBytes: number;
  readonly checkedEntries: number;
  readonly totalEntries: number;
  /** Read so far. */
  readonly transactions: number;
}

/** What a finished check has found. */
export interface Verdict {
  /** The first of them. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  readonly entries: number;
  readonly bytes: number;
}

/** What the worker tells by itself. */
export type News =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'manifest'; readonly manifest: Manifest }
  | { readonly kind: 'household'; readonly household: Household }
  | { readonly kind: 'progress'; readonly progress: CheckProgress }
  | { readonly kind: 'searchable'; readonly transactions: number }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  /** Hex, of the whole package. */
  | { readonly kind: 'package-hash'; readonly sha256: string };

/** What the page may ask for once the manifest is there, and the answer to each. */
export interface Questions {
  /** Begins a search, which ends any before it; the number of transactions found, or null where a later search ended it. */
  readonly search: { readonly asks: TransactionFilter; readonly answer: number | null };
  /** Lines of the last search that ended, by their place in its order. */
  readonly lines: {
    readonly asks: { readonly from: number; readonly to: number };
    readonly answer: readonly TransactionLine[];
  };
  /** A transaction's JSON, by its place in the package. */
  readonly record: { readonly asks: number; readonly answer: string };
  /** An entry's bytes, by its path. */
  readonly entry: { readonly asks: string; readonly answer: Blob };
}
export type Topic = keyof Questions;
