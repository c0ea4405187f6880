import { compareUtf8 } from '../domain/compare-utf8.ts';
import { compareDecimals, jsonNumber, plainDecimal } from '../domain/decimal-text.ts';
import { MONEY_ATTRIBUTES, RECORD_KEY_ORDER, type KeyOrder, type Section } from '../domain/sections.ts';

/** What stood between two attributes the last time, up to the second one's string or number. */
interface Expectation {
  readonly text: string;
  readonly place: number;
  readonly isNumber: boolean;
}

/** A map's attributes in the order in which the package writes them, ready to be looked up while a page is read. */
class MapShape {
  /** Where a name that the order knows is written. */
  readonly places: ReadonlyMap<string, number>;
  /** The same by the name as a JSON string. */
  readonly placesByLiteral: ReadonlyMap<string, number>;
  /** What comes before each of their values. */
  readonly prefixes: readonly string[];
  /** By the place of the attribute before, the first attribute's at `FIRST`: one item is much like the one before it. */
  readonly expected = new Map<number, Expectation>();
  readonly #money: readonly boolean[];
  readonly #nested: readonly (MapShape | undefined)[];

  constructor({ keys, nested = {} }: KeyOrder) {
    this.places = new Map(keys.map((key, place) => [key, place]));
    this.placesByLiteral = new Map(keys.map((key, place) => [JSON.stringify(key), place]));
    this.prefixes = keys.map((key) => `${JSON.stringify(key)}:`);
    this.#money = keys.map((key) => MONEY_ATTRIBUTES.has(key));
    // An attribute may be called `constructor`, which every object has without having it as its own.
    this.#nested = keys.map((key) => {
      const order = Object.hasOwn(nested, key) ? nested[key] : undefined;
      return order === undefined ? undefined : new MapShape(order);
    });
  }

  isMoney(place: number): boolean {
    return this.#money[place] ?? false;
  }

  nested(place: number): MapShape {
    return this.#nested[place] ?? UNORDERED;
  }
}

const FIRST = -1;
const UNKNOWN = -2;

const UNORDERED = new MapShape({ keys: [] });

const SHAPES: Readonly<Record<Section, MapShape>> = {
  accounts: new MapShape(RECORD_KEY_ORDER.accounts),
  transactions: new MapShape(RECORD_KEY_ORDER.transactions),
  categories: new MapShape(RECORD_KEY_ORDER.categories),
  fileMaps: new MapShape(RECORD_KEY_ORDER.fileMaps),
  transactionFiles: new MapShape(RECORD_KEY_ORDER.transactionFiles),
  analytics: new MapShape(RECORD_KEY_ORDER.analytics),
};

interface OtherMember {
  readonly name: string;
  readonly json: string;
}

/** An item, or a map in it, as the package writes it. */
export class MapText {
  readonly #shape: MapShape;
  readonly #values: readonly (string | undefined)[];
  readonly #others: readonly OtherMember[];

  constructor(shape: MapShape, values: readonly (string | undefined)[], others: readonly OtherMember[]) {
    this.#shape = shape;
    this.#values = values;
    this.#others = others;
  }

  /** One JSON object, without line breaks. */
  get json(): string {
    const members: string[] = [];
    for (const [place, prefix] of this.#shape.prefixes.entries()) {
      const value = this.#values[place];
      if (value !== undefined) members.push(prefix + value);
    }
    for (const { json } of this.#others) members.push(json);
    return `{${members.join(',')}}`;
  }

  /** The JSON of an attribute that the data contract names; undefined where the item has none. */
  member(name: string): string | undefined {
    const place = this.#shape.places.get(name);
    return place === undefined ? undefined : this.#values[place];
  }
}

const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c];
const [OPENING_BRACE, CLOSING_BRACE, OPENING_BRACKET, CLOSING_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
const SPACE = 0x20;
const [S, N, M, L, B] = ['S', 'N', 'M', 'L', 'B'].map((tag) => tag.charCodeAt(0));

const [MINUS, POINT, ZERO, NINE] = [0x2d, 0x2e, 0x30, 0x39];

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

/** Whether a number is written without exponent and needless zeros, as DynamoDB mostly does: then it stays as it is. */
const isPlainNumber = (text: string, start: number, end: number): boolean => {
  const isNegative = text.charCodeAt(start) === MINUS;
  let at = isNegative ? start + 1 : start;
  const first = text.charCodeAt(at);
  at += 1;
  if (!isDigit(first) || (first === ZERO && (isNegative || (at < end && text.charCodeAt(at) !== POINT))))
    return false;
  while (at < end && isDigit(text.charCodeAt(at))) at += 1;
  if (at === end) return true;
  if (text.charCodeAt(at) !== POINT || at + 1 === end) return false;
  at += 1;
  while (at < end && isDigit(text.charCodeAt(at))) at += 1;
  return at === end;
};

const sortedBytes = (base64: readonly string[]): string[] =>
  base64
    .map((text) => Buffer.from(text, 'base64'))
    .sort((a, b) => Buffer.compare(a, b))
    .map((bytes) => `"${bytes.toString('base64')}"`);

/** A JSON text of DynamoDB's, read from front to back. */
class WireText {
  readonly #text: string;
  #at: number;
  /** Where the next backslash is, at `#at` or behind; strings before it are written as they came. */
  #backslash = -1;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  get position(): number {
    return this.#at;
  }

  /** The elements of an array, each read by `element`. */
  array<T>(element: () => T): T[] {
    const elements: T[] = [];
    this.#take(OPENING_BRACKET);
    if (this.#takeIf(CLOSING_BRACKET)) return elements;
    do elements.push(element());
    while (this.#takeIf(COMMA));
    this.#take(CLOSING_BRACKET);
    return elements;
  }

  map(shape: MapShape): MapText {
    const values = new Array<string | undefined>(shape.prefixes.length).fill(undefined);
    const others: OtherMember[] = [];
    this.#take(OPENING_BRACE);
    if (this.#takeIf(CLOSING_BRACE)) return new MapText(shape, values, others);
    let place = FIRST;
    do {
      const expected = shape.expected.get(place);
      const value = expected === undefined ? undefined : this.#expectedValue(shape, expected);
      if (expected !== undefined && value !== undefined) {
        ({ place } = expected);
        values[place] = value;
      } else {
        place = this.#member(shape, place, values, others);
      }
    } while (this.#takeIf(COMMA));
    this.#take(CLOSING_BRACE);
    if (others.length > 1) others.sort((a, b) => compareUtf8(a.name, b.name));
    return new MapText(shape, values, others);
  }

  /** The value, if what follows is what followed the last time, and is written as it came. */
  #expectedValue(shape: MapShape, { text, place, isNumber }: Expectation): string | undefined {
    if (!this.#text.startsWith(text, this.#at)) return undefined;
    const start = this.#at + text.length;
    const end = this.#text.indexOf('"', start);
    if (this.#text.charCodeAt(end + 1) !== CLOSING_BRACE || this.#hasBackslash(start, end)) return undefined;
    const isBare = isNumber && !shape.isMoney(place);
    if (isNumber && !isPlainNumber(this.#text, start, end)) return undefined;
    this.#at = end + 2;
    return isBare ? this.#text.slice(start, end) : this.#text.slice(start - 1, end + 1);
  }

  /** Reads an attribute; the place of its value, or `UNKNOWN`. */
  #member(shape: MapShape, previous: number, values: (string | undefined)[], others: OtherMember[]): number {
    const from = this.#at;
    const literal = this.#string();
    this.#take(COLON);
    const place = shape.placesByLiteral.get(literal);
    if (place === undefined) {
      const name = String(JSON.parse(literal));
      others.push({ name, json: `${literal}:${this.#value(UNORDERED, MONEY_ATTRIBUTES.has(name))}` });
      return UNKNOWN;
    }
    const tag = /\s*\{\s*"([SN])"\s*:\s*"/y;
    tag.lastIndex = this.#at;
    const type = tag.exec(this.#text)?.[1];
    if (type !== undefined) {
      const text = this.#text.slice(from, tag.lastIndex);
      shape.expected.set(previous, { text, place, isNumber: type === 'N' });
    }
    values[place] = this.#value(shape.nested(place), shape.isMoney(place));
    return place;
  }

  /** `{"S":"…"}` and its like, written as the data contract says. */
  #value(shape: MapShape, isMoney: boolean): string {
    this.#take(OPENING_BRACE);
    const json = this.#typed(shape, isMoney);
    this.#take(CLOSING_BRACE);
    return json;
  }

  #typed(shape: MapShape, isMoney: boolean): string {
    this.#take(QUOTE);
    const type = this.#text.charCodeAt(this.#at);
    if (this.#text.charCodeAt(this.#at + 1) !== QUOTE) return this.#longTyped();
    this.#at += 2;
    this.#take(COLON);
    switch (type) {
      case S:
        return this.#string();
      case N:
        return isMoney ? `"${plainDecimal(this.#content())}"` : jsonNumber(this.#content());
      case M:
        return this.map(shape).json;
      case L:
        return `[${this.array(() => this.#value(shape, false)).join(',')}]`;
      case B:
        return `"${Buffer.from(this.#content(), 'base64').toString('base64')}"`;
      default:
        throw this.#unreadable();
    }
  }

  #longTyped(): string {
    this.#at -= 1;
    const type = this.#content();
    this.#take(COLON);
    switch (type) {
      case 'BOOL':
        return this.#word('true', 'false');
      case 'NULL':
        this.#word('true');
        return 'null';
      case 'SS': {
        const texts = this.array(() => String(JSON.parse(this.#string())));
        return `[${texts
          .sort(compareUtf8)
          .map((text) => JSON.stringify(text))
          .join(',')}]`;
      }
      case 'NS': {
        const numbers = this.array(() => this.#content());
        return `[${numbers.sort(compareDecimals).map(jsonNumber).join(',')}]`;
      }
      case 'BS':
        return `[${sortedBytes(this.array(() => this.#content())).join(',')}]`;
      default:
        throw this.#unreadable();
    }
  }

  /** A string as JSON writes it at its shortest; whoever sent it may have escaped more than need be. */
  #string(): string {
    this.#skipSpace();
    const start = this.#at;
    if (this.#text.charCodeAt(start) !== QUOTE) throw this.#unreadable();
    let end = this.#text.indexOf('"', start + 1);
    const isPlain = !this.#hasBackslash(start, end);
    while (this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1);
    if (end < 0) throw this.#unreadable();
    this.#at = end + 1;
    const literal = this.#text.slice(start, end + 1);
    return isPlain ? literal : JSON.stringify(JSON.parse(literal));
  }

  #hasBackslash(start: number, end: number): boolean {
    if (this.#backslash < start) {
      const next = this.#text.indexOf('\\', start);
      this.#backslash = next < 0 ? Infinity : next;
    }
    return this.#backslash < end;
  }

  #isEscaped(at: number): boolean {
    let before = at - 1;
    while (this.#text.charCodeAt(before) === BACKSLASH) before -= 1;
    return (at - before) % 2 === 0;
  }

  /** What is inside a string that needs no escapes: a number, base64, a type. */
  #content(): string {
    this.#take(QUOTE);
    const start = this.#at;
    const end = this.#text.indexOf('"', start);
    if (end < 0) throw this.#unreadable();
    this.#at = end + 1;
    return this.#text.slice(start, end);
  }

  #word(...words: readonly string[]): string {
    this.#skipSpace();
    const word = words.find((one) => this.#text.startsWith(one, this.#at));
    if (word === undefined) throw this.#unreadable();
    this.#at += word.length;
    return word;
  }

  #take(code: number): void {
    if (!this.#takeIf(code)) throw this.#unreadable();
  }

  #takeIf(code: number): boolean {
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    while (this.#text.charCodeAt(this.#at) <= SPACE) this.#at += 1;
  }

  /** Without a word of the text, which is a user's. */
  #unreadable(): TypeError {
    return new TypeError(`DynamoDB sent something else than an item's attribute at character ${this.#at}.`);
  }
}

/**
 * Where a page's items begin. Nothing else in a page can look like it: a string has its quotes escaped, and what follows
 * an attribute's name is a brace.
 */
const ITEMS = /"Items"\s*:\s*(?=\[)/;

/**
 * Writes the items of a Query's answer as JSON, straight from the text in which DynamoDB sends them: every detour over
 * JavaScript values loses something, numbers their digits and Sets all they hold, and takes several times as long. The
 * rules are the data contract's, "How a value is written to JSON". `rest` is the answer without its items.
 * @throws TypeError when something in it is no attribute of an item
 */
export const readPageText = (
  text: string,
  section: Section,
): { readonly items: readonly MapText[]; readonly rest: string } => {
  const found = ITEMS.exec(text);
  if (found === null) return { items: [], rest: text };
  const start = found.index + found[0].length;
  const wire = new WireText(text, start);
  const items = wire.array(() => wire.map(SHAPES[section]));
  return { items, rest: `${text.slice(0, start)}[]${text.slice(wire.position)}` };
};
