import type { SweepStep } from '../../shared/domain/sweep-step.ts';

/** What came of looking at a row that was due. */
export interface Looked {
  readonly act: SweepStep['act'] | 'places';
  /** False when something remains to be done that could not be done now: then the row is looked at again before long. */
  readonly complete: boolean;
  /** When the row is due next (epoch ms), if at all. Absent where what was done has said it already. */
  readonly next?: { readonly at: number | undefined };
}
