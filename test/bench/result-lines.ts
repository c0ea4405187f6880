import { textTable } from '../../infra/local/commands/text-table.ts';
import type { ResultRow } from './bench-case.ts';

export const numberText = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 });

const againstOf = ({ limit, atLeast, peer }: ResultRow): { text: string; value: number } | undefined => {
  if (limit !== undefined) return { text: `at most ${numberText(limit)}`, value: limit };
  if (atLeast !== undefined) return { text: `at least ${numberText(atLeast)}`, value: atLeast };
  return peer === undefined
    ? undefined
    : { text: `${peer.name}: ${numberText(peer.value)}`, value: peer.value };
};

/** What a value is measured against; empty where there is nothing. */
export const againstText = (row: ResultRow): string => againstOf(row)?.text ?? '';

/** The value in parts of its limit or peer; undefined where there is none, or it is 0. */
export const ratioOf = (row: ResultRow): number | undefined => {
  const against = againstOf(row);
  return against === undefined || against.value === 0 ? undefined : row.value / against.value;
};

/** Whether the value is beyond what it must not exceed, or short of what it must reach. */
export const isMissed = ({ value, limit = Infinity, atLeast = -Infinity }: ResultRow): boolean =>
  value > limit || value < atLeast;

/** A case's results as a table. */
export const resultLines = (rows: readonly ResultRow[]): string[] =>
  textTable(
    [
      { title: 'Measured' },
      { title: 'Value', align: 'right' },
      { title: 'Unit' },
      { title: 'Against' },
      { title: 'Ratio', align: 'right' },
      { title: '' },
    ],
    rows.map((row) => {
      const ratio = ratioOf(row);
      return [
        row.name,
        numberText(row.value),
        row.unit,
        againstText(row),
        ratio === undefined ? '' : ratio.toFixed(2),
        isMissed(row) ? 'missed' : '',
      ];
    }),
  );
