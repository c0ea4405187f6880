export interface Column {
  readonly title: string;
  /** Numbers are read from their last digit. */
  readonly align?: 'right';
}

/** Columns as wide as their widest cell, two spaces apart, a title above each. */
export const textTable = (columns: readonly Column[], rows: readonly (readonly string[])[]): string[] => {
  const lines = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => cells[index]?.length ?? 0)));
  const cell = (text: string, index: number): string =>
    columns[index]?.align === 'right' ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
  return lines.map((cells) => cells.map(cell).join('  ').trimEnd());
};
