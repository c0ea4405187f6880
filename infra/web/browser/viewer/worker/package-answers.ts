import type { Questions, Topic, TransactionFilter } from '../protocol.ts';
import type { Answer, Question } from '../worker-messages.ts';
import { nextTurn } from './next-turn.ts';
import type { PackageReading } from './package-reading.ts';
import { searchTransactions } from './transaction-search.ts';
import type { ZipFile } from './zip-file.ts';

type Answers = { readonly [T in Topic]: (asks: Questions[T]['asks']) => Promise<Answer<T>> };

const answerTo = <T extends Topic>(answer: Questions[T]['answer'] | undefined): Answer<T> =>
  answer === undefined ? null : { answer };

/** Answers what the page asks of a package that is open. */
export const createAnswers = (zip: ZipFile, reading: PackageReading) => {
  let found: Uint32Array | undefined;
  let searches = 0;

  const search = async (filter: TransactionFilter): Promise<number | null> => {
    searches += 1;
    const own = searches;
    const rows = await searchTransactions(reading.columns, filter, async () => {
      await nextTurn();
      return own === searches;
    });
    if (rows === undefined) return null;
    found = rows;
    return rows.length;
  };

  const answers: Answers = {
    search: async (filter) => answerTo<'search'>(await search(filter)),
    // Before anything was searched for: as they are in the package.
    lines: ({ from, to }) => {
      const rows = found?.subarray(from, to);
      const end = Math.min(to, reading.columns.rows);
      const shown = rows ?? Array.from({ length: Math.max(0, end - from) }, (_, index) => from + index);
      return Promise.resolve({ answer: Array.from(shown, (row) => reading.columns.line(row)) });
    },
    record: async (row) => answerTo<'record'>(await reading.record(row)),
    entry: async (path) => answerTo<'entry'>(await zip.bytesOf(path)),
  };

  const reply = async <T extends Topic>(answer: Promise<Answer<T>>, port: MessagePort): Promise<void> => {
    port.postMessage(await answer.catch(() => null));
  };

  return async (question: Question): Promise<void> => {
    switch (question.kind) {
      case 'search':
        return reply(answers.search(question.asks), question.port);
      case 'lines':
        return reply(answers.lines(question.asks), question.port);
      case 'record':
        return reply(answers.record(question.asks), question.port);
      case 'entry':
        return reply(answers.entry(question.asks), question.port);
    }
  };
};
