import { useEffect, useId, useState } from 'preact/hooks';
import { amountWithCurrency, dayText } from './figures.ts';
import type { Ask } from './package-session.ts';
import type { TransactionLine } from './protocol.ts';
import { useLines } from './use-lines.ts';
import { useScroll } from './use-scroll.ts';
import { rowAfterKey, rowsInWindow, scrolledHeight, topShowing } from './virtual-scroll.ts';

/** Rows beyond the window, which is scrolled before they can be drawn. */
const SPARE_ROWS = 8;

export interface Names {
  readonly accounts: ReadonlyMap<string, string>;
  readonly categories: ReadonlyMap<string, string>;
}

interface TransactionTableProps {
  readonly ask: Ask;
  readonly count: number;
  /** Another one for other contents. */
  readonly version: number;
  readonly names: Names;
  readonly onOpen: (line: TransactionLine) => void;
}

const COLUMNS = ['Date', 'Description', 'Account', 'Category', 'Amount'] as const;

interface RowProps {
  readonly id: string;
  readonly index: number;
  readonly line: TransactionLine | undefined;
  readonly names: Names;
  readonly isActive: boolean;
  readonly onClick: () => void;
}

const cellsOf = (line: TransactionLine, { accounts, categories }: Names): string[] => [
  dayText(line.date),
  line.description,
  accounts.get(line.accountId) ?? line.accountId,
  categories.get(line.categoryId) ?? '',
  amountWithCurrency(line.amount, line.currency),
];

const Row = ({ id, index, line, names, isActive, onClick }: RowProps) => {
  const cells = line === undefined ? ['…', '', '', '', ''] : cellsOf(line, names);
  return (
    <tr id={id} role="row" aria-rowindex={index + 2} aria-selected={isActive} onClick={onClick}>
      {cells.map((text, at) => (
        <td key={at} role="gridcell">
          <bdi>{text}</bdi>
        </td>
      ))}
    </tr>
  );
};

/**
 * The transactions found, however many: only the rows in the window are drawn. The focus stays on the table; keys move the
 * active row, Enter opens it.
 */
export const TransactionTable = ({ ask, count, version, names, onOpen }: TransactionTableProps) => {
  const id = useId();
  const { element, geometry, headHeight, place, goTo, onScroll } = useScroll(count);
  const [active, setActive] = useState(0);
  const { from, to } = rowsInWindow(geometry, place.top, SPARE_ROWS);
  const lineAt = useLines(ask, { from, to, count, version });
  useEffect(() => {
    setActive(0);
    goTo(0);
  }, [version]);

  const open = (index: number): void => {
    setActive(index);
    const line = lineAt(index);
    if (line !== undefined) onOpen(line);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      open(active);
      return;
    }
    const target = rowAfterKey(geometry, active, event.key);
    if (target === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    setActive(target);
    goTo(topShowing(geometry, place.top, target));
  };

  const isDrawn = active >= from && active < to;
  return (
    <div
      ref={element}
      class="transactions"
      role="grid"
      tabIndex={0}
      aria-label="Transactions"
      aria-rowcount={count + 1}
      aria-colcount={COLUMNS.length}
      aria-activedescendant={isDrawn ? `${id}-${active}` : undefined}
      aria-describedby={`${id}-keys`}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
      style={{ '--row-height': `${geometry.rowHeight}px` }}
    >
      <div
        role="presentation"
        class="scrolled"
        style={{ height: `${scrolledHeight(geometry) + headHeight}px` }}
      >
        <table
          role="presentation"
          style={{ top: `${place.scrollTop - place.top + from * geometry.rowHeight}px` }}
        >
          <thead role="rowgroup">
            <tr role="row" aria-rowindex={1}>
              {COLUMNS.map((title) => (
                <th key={title} role="columnheader" scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {Array.from({ length: to - from }, (_, offset) => from + offset).map((index) => (
              <Row
                key={index}
                id={`${id}-${index}`}
                index={index}
                line={lineAt(index)}
                names={names}
                isActive={index === active}
                onClick={() => open(index)}
              />
            ))}
          </tbody>
        </table>
      </div>
      <span id={`${id}-keys`} hidden>
        Arrow keys move through the transactions, Enter shows one with all its fields.
      </span>
    </div>
  );
};
