import type { TextPart } from './text-column.ts';

const longestFirst = (words: readonly string[]): string[] => [...words].sort((a, b) => b.length - a.length);

/** Shows `onRow` each row of a part, in order, whose text has every word; words have no line feeds. */
export const eachRowWith = (
  { firstRow, rows, text, starts }: TextPart,
  words: readonly string[],
  onRow: (row: number) => void,
): void => {
  const [rarest, ...others] = longestFirst(words);
  if (rarest === undefined) {
    for (let index = 0; index < rows; index += 1) onRow(firstRow + index);
    return;
  }
  let index = 0;
  let at = text.indexOf(rarest);
  while (at >= 0) {
    while ((starts[index + 1] ?? Infinity) <= at) index += 1;
    const end = starts[index + 1] ?? text.length;
    if (others.length === 0 || hasAll(text.slice(starts[index], end), others)) onRow(firstRow + index);
    index += 1;
    at = text.indexOf(rarest, end);
  }
};

const hasAll = (text: string, words: readonly string[]): boolean =>
  words.every((word) => text.includes(word));
