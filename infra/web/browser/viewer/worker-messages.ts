import type { Questions, Topic } from './protocol.ts';

/** What comes back through a question's port; null where there is no answer. */
export type Answer<T extends Topic> = { readonly answer: Questions[T]['answer'] } | null;

export type Question = {
  [T in Topic]: {
    readonly kind: T;
    readonly asks: Questions[T]['asks'];
    /** Takes an `Answer`. */
    readonly port: MessagePort;
  };
}[Topic];

/** What the page sends: the file first, then questions. */
export type ToWorker = { readonly kind: 'open'; readonly file: File } | Question;
