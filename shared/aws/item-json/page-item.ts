import { endOfPlain, QUOTE, startsNumber } from './json-text.ts';
import type { MapShape } from './map-shape.ts';
import type { Ranges } from './ranges.ts';
import type { RepeatedTexts } from './repeated-texts.ts';

/** The items of a page as the package writes them, and where their values are. */
export interface WrittenPage {
  readonly bytes: Buffer;
  readonly ranges: Ranges;
  readonly texts: Pick<RepeatedTexts, 'text'>;
}

/** Where an item is on its page, in bytes, and where the ranges of its values are. */
export interface ItemPlace {
  readonly start: number;
  readonly end: number;
  readonly base: number;
}

const NOWHERE = -2;

/** An item as the package writes it. */
export class PageItem {
  readonly #shape: MapShape;
  readonly #page: WrittenPage;
  /** Where its values' ranges are. */
  readonly #base: number;
  readonly #start: number;
  readonly #end: number;

  constructor(shape: MapShape, page: WrittenPage, { base, start, end }: ItemPlace) {
    this.#shape = shape;
    this.#page = page;
    this.#base = base;
    this.#start = start;
    this.#end = end;
  }

  /** One JSON object in UTF-8, without line breaks. */
  get json(): Uint8Array {
    return this.#page.bytes.subarray(this.#start, this.#end);
  }

  /** The same item without the page that it came on, which is kept as long as one of its items is. */
  alone(): PageItem {
    const [from, ranges] = [this.#start, this.#page.ranges];
    const bytes = Buffer.from(this.json);
    const page = {
      bytes,
      ranges: ranges.moved(this.#base, this.#shape.prefixes.length, from),
      texts: { text: (start: number, end: number) => bytes.toString('utf8', start, end) },
    };
    return new PageItem(this.#shape, page, { start: 0, end: bytes.length, base: 0 });
  }

  /** What an attribute that the data contract names is, if it is a string. */
  string(name: string): string | undefined {
    const { bytes, ranges, texts } = this.#page;
    const at = this.#rangeOf(name);
    const [start, end] = [ranges.start(at), ranges.end(at)];
    if (start === end || bytes[start] !== QUOTE) return undefined;
    return endOfPlain(bytes, start + 1) === end - 1
      ? texts.text(start + 1, end - 1)
      : String(JSON.parse(bytes.toString('utf8', start, end)));
  }

  /** The digits of an attribute that the data contract names, if it is a number other than money. */
  digits(name: string): string | undefined {
    const { bytes, ranges } = this.#page;
    const at = this.#rangeOf(name);
    const [start, end] = [ranges.start(at), ranges.end(at)];
    if (start === end || !startsNumber(bytes[start])) return undefined;
    return bytes.toString('latin1', start, end);
  }

  /** An attribute that the data contract names, as `JSON.parse` gives it; undefined where the item has none. */
  value(name: string): unknown {
    const string = this.string(name);
    if (string !== undefined) return string;
    const digits = this.digits(name);
    if (digits !== undefined) return Number(digits);
    const { bytes, ranges } = this.#page;
    const at = this.#rangeOf(name);
    const [start, end] = [ranges.start(at), ranges.end(at)];
    return start === end ? undefined : JSON.parse(bytes.toString('utf8', start, end));
  }

  /** Where the range of an attribute's value is; where nothing is for one that the data contract does not name. */
  #rangeOf(name: string): number {
    const place = this.#shape.places.get(name);
    return place === undefined ? NOWHERE : this.#base + 2 * place;
  }
}
