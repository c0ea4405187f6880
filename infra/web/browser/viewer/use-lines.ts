import { useEffect, useReducer, useRef } from 'preact/hooks';
import type { Ask } from './package-session.ts';
import type { TransactionLine } from './protocol.ts';

const PAGE_ROWS = 64;

interface Pages {
  readonly version: number;
  readonly lines: Map<number, readonly TransactionLine[]>;
  readonly asked: Set<number>;
}

interface Wanted {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** How many there are in all. */
  readonly count: number;
  /** Another one for other contents. */
  readonly version: number;
}

/** The lines of a part of a long list, as they come from the worker: `undefined` for one that has not come yet. */
export const useLines = (ask: Ask, { from, to, count, version }: Wanted) => {
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  const pages = useRef<Pages>({ version, lines: new Map(), asked: new Set() });
  if (pages.current.version !== version) pages.current = { version, lines: new Map(), asked: new Set() };

  useEffect(() => {
    const { lines, asked } = pages.current;
    const own = pages.current;
    const fetchPage = async (page: number): Promise<void> => {
      const start = page * PAGE_ROWS;
      const found = await ask('lines', { from: start, to: start + PAGE_ROWS });
      asked.delete(page);
      if (found === null || own !== pages.current) return;
      lines.set(page, found.answer);
      redraw(undefined);
    };
    for (let page = Math.floor(from / PAGE_ROWS); page * PAGE_ROWS < to; page += 1) {
      const whole = Math.min(PAGE_ROWS, count - page * PAGE_ROWS);
      if (asked.has(page) || (lines.get(page)?.length ?? -1) >= whole) continue;
      asked.add(page);
      void fetchPage(page);
    }
  }, [ask, from, to, count, version]);

  return (index: number): TransactionLine | undefined =>
    pages.current.lines.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS];
};
