import { isUtf8 } from 'node:buffer';
import type { Section } from '../../domain/sections.ts';
import { ItemsReader } from './items-reader.ts';
import { SHAPES } from './map-shape.ts';
import type { PageItem } from './page-item.ts';

const ITEMS = Buffer.from('"Items"');
/** If without more space than anybody puts there. */
const ARRAY_FOLLOWS = /^\s*:\s*(?=\[)/;
const LONGEST_BETWEEN = 16;

/**
 * Where a page's items begin, or -1. Nothing else in a page can look like it: a string has its quotes escaped, and what
 * follows an attribute's name is a brace.
 */
const startOfItems = (page: Buffer): number => {
  for (let at = page.indexOf(ITEMS); at >= 0; at = page.indexOf(ITEMS, at + 1)) {
    const behind = at + ITEMS.length;
    const between = ARRAY_FOLLOWS.exec(page.toString('latin1', behind, behind + LONGEST_BETWEEN));
    if (between !== null) return behind + between[0].length;
  }
  return -1;
};

/**
 * Writes the items of a Query's answer as JSON, straight from the bytes in which DynamoDB sends them: every detour over
 * JavaScript values loses something, numbers their digits and Sets all they hold, and takes several times as long. The
 * rules are the data contract's, "How a value is written to JSON". `rest` is the answer without its items.
 * @throws TypeError when something in it is no attribute of an item
 */
export const readPageItems = (
  page: Buffer,
  section: Section,
): { readonly items: readonly PageItem[]; readonly rest: string } => {
  if (!isUtf8(page)) throw new TypeError('DynamoDB sent bytes that are no text.');
  const start = startOfItems(page);
  if (start < 0) return { items: [], rest: page.toString() };
  const reader = new ItemsReader(page, start);
  const items = reader.items(SHAPES[section]);
  return { items, rest: `${page.toString('utf8', 0, start)}[]${page.toString('utf8', reader.position)}` };
};
