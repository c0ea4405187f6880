/** The error that a spoilt package must be refused with, and its reason. */
export type Verdict = readonly [error: string, reason: string];

export const corrupted = (reason: string): Verdict => ['PackageCorrupted', reason];
export const countsWrong = (reason: string): Verdict => ['PackageCountsWrong', reason];
export const totalsWrong = (reason: string): Verdict => ['PackageTotalsWrong', reason];
