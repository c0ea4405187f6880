import { compareUtf8 } from '../../domain/compare-utf8.ts';
import { compareDecimals, jsonNumber, plainDecimal } from '../../domain/decimal-text.ts';
import { MONEY_ATTRIBUTES } from '../../domain/sections.ts';
import { JsonBytes } from './json-bytes.ts';
import {
  BACKSLASH,
  CLOSING_BRACE,
  CLOSING_BRACKET,
  COLON,
  COMMA,
  endOfPlain,
  isAt,
  isPlainNumber,
  OPENING_BRACE,
  OPENING_BRACKET,
  QUOTE,
  SPACE,
} from './json-text.ts';
import { FIRST, UNKNOWN, UNORDERED, type MapShape } from './map-shape.ts';
import { PageItem, type ItemPlace } from './page-item.ts';
import { Ranges } from './ranges.ts';
import { RepeatedTexts } from './repeated-texts.ts';

const [S, N, M, L, B] = ['S', 'N', 'M', 'L', 'B'].map((tag) => tag.charCodeAt(0));

const sortedBytes = (all: readonly Buffer[]): string[] =>
  all.toSorted((a, b) => Buffer.compare(a, b)).map((bytes) => `"${bytes.toString('base64')}"`);

/** How the value of a string or a number begins, if without more space than anybody puts there. */
const STRING_OR_NUMBER = /^\s*\{\s*"([SN])"\s*:\s*"/;
const LONGEST_OPENING = 32;

interface OtherMember {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Reads DynamoDB's JSON of items from front to back, and writes the package's. */
export class ItemsReader {
  readonly #written: JsonBytes;
  readonly #ranges = new Ranges(4096);
  readonly #wire: Buffer;
  #at: number;
  /** The value read last. */
  #start = 0;
  #end = 0;

  constructor(wire: Buffer, at: number) {
    this.#wire = wire;
    this.#at = at;
    // A little less than it came in, but for what is written twice: a map in a map, first by itself.
    this.#written = new JsonBytes(wire.length);
  }

  get position(): number {
    return this.#at;
  }

  items(shape: MapShape): PageItem[] {
    const places = this.#array((): ItemPlace => {
      const base = this.#map(shape);
      return { start: ~this.#start, end: ~this.#end, base };
    });
    const { bytes } = this.#written;
    const page = { bytes, ranges: this.#ranges, texts: new RepeatedTexts(bytes) };
    return places.map((place) => new PageItem(shape, page, place));
  }

  /** The elements of an array, each read by `element`. */
  #array<T>(element: () => T): T[] {
    const elements: T[] = [];
    this.#take(OPENING_BRACKET);
    if (this.#takeIf(CLOSING_BRACKET)) return elements;
    do elements.push(element());
    while (this.#takeIf(COMMA));
    this.#take(CLOSING_BRACKET);
    return elements;
  }

  /** Reads a map, which then is the value read last; where the ranges of its own values are, within the map. */
  #map(shape: MapShape): number {
    const base = this.#ranges.push(shape.prefixes.length);
    const others: OtherMember[] = [];
    this.#take(OPENING_BRACE);
    if (!this.#takeIf(CLOSING_BRACE)) {
      let place = FIRST;
      do {
        const expected = this.#expectedMember(shape, place);
        place = expected === UNKNOWN ? this.#member(shape, place, others) : expected;
        if (place !== UNKNOWN) this.#ranges.set(base + 2 * place, this.#start, this.#end);
      } while (this.#takeIf(COMMA));
      this.#take(CLOSING_BRACE);
    }
    this.#writeMap(shape, base, others);
    return base;
  }

  #writeMap({ prefixes }: MapShape, base: number, others: OtherMember[]): void {
    const [written, ranges] = [this.#written, this.#ranges];
    const start = written.end;
    written.byte(OPENING_BRACE);
    let comma = 1;
    for (let place = 0; place < prefixes.length; place += 1) {
      const at = base + 2 * place;
      const [from, to] = [ranges.start(at), ranges.end(at)];
      const prefix = prefixes[place];
      if (from === to || prefix === undefined) continue;
      written.copy(prefix, comma, prefix.length);
      comma = 0;
      const valueStart = written.end;
      this.#writeValue(from, to);
      ranges.set(at, valueStart, written.end);
    }
    if (others.length > 1) others.sort((a, b) => compareUtf8(a.name, b.name));
    for (const member of others) {
      if (comma === 0) written.byte(COMMA);
      comma = 0;
      this.#writeValue(member.start, member.end);
    }
    written.byte(CLOSING_BRACE);
    this.#isWritten(start);
  }

  #writeValue(start: number, end: number): void {
    if (start < 0) this.#written.copy(this.#written.bytes, ~start, ~end);
    else this.#written.copy(this.#wire, start, end);
  }

  /** What has been written from there on is the value read last. */
  #isWritten(start: number): void {
    this.#start = ~start;
    this.#end = ~this.#written.end;
  }

  #writeText(text: string): void {
    const start = this.#written.end;
    this.#written.text(text);
    this.#isWritten(start);
  }

  /** Reads an attribute if it is one that followed some time, with a value that is written as it came; else `UNKNOWN`. */
  #expectedMember(shape: MapShape, previous: number): number {
    const wire = this.#wire;
    for (const { bytes, place, isNumber } of shape.expectedAfter(previous)) {
      const start = this.#at + bytes.length;
      if (!isAt(wire, this.#at, bytes)) continue;
      const end = endOfPlain(wire, start);
      if (wire[end] !== QUOTE || wire[end + 1] !== CLOSING_BRACE) return UNKNOWN;
      if (isNumber && !isPlainNumber(wire, start, end)) return UNKNOWN;
      const quotes = isNumber && !shape.isMoney(place) ? 0 : 1;
      this.#start = start - quotes;
      this.#end = end + quotes;
      this.#at = end + 2;
      return place;
    }
    return UNKNOWN;
  }

  /** Reads an attribute; the place of its value, or `UNKNOWN`. */
  #member(shape: MapShape, previous: number, others: OtherMember[]): number {
    const from = this.#at;
    this.#string();
    const literal = this.#text();
    this.#take(COLON);
    const place = shape.placesByLiteral.get(literal);
    if (place === undefined) {
      others.push(this.#otherMember(literal));
      return UNKNOWN;
    }
    const opening = STRING_OR_NUMBER.exec(
      this.#wire.toString('latin1', this.#at, this.#at + LONGEST_OPENING),
    );
    if (opening !== null) {
      const bytes = Uint8Array.from(this.#wire.subarray(from, this.#at + opening[0].length));
      shape.learn(previous, { bytes, place, isNumber: opening[1] === 'N' });
    }
    this.#value(shape.nested(place), shape.isMoney(place));
    return place;
  }

  #otherMember(literal: string): OtherMember {
    const name = String(JSON.parse(literal));
    this.#value(UNORDERED, MONEY_ATTRIBUTES.has(name));
    const [from, to, start] = [this.#start, this.#end, this.#written.end];
    this.#written.text(`${literal}:`);
    this.#writeValue(from, to);
    return { name, start: ~start, end: ~this.#written.end };
  }

  /** `{"S":"…"}` and its like, written as the data contract says. */
  #value(shape: MapShape, isMoney: boolean): void {
    this.#take(OPENING_BRACE);
    this.#typed(shape, isMoney);
    this.#take(CLOSING_BRACE);
  }

  #typed(shape: MapShape, isMoney: boolean): void {
    this.#take(QUOTE);
    const type = this.#wire[this.#at];
    if (this.#wire[this.#at + 1] !== QUOTE) {
      this.#longTyped();
      return;
    }
    this.#at += 2;
    this.#take(COLON);
    switch (type) {
      case S:
        this.#string();
        return;
      case N: {
        const number = this.#content();
        this.#writeText(isMoney ? `"${plainDecimal(number)}"` : jsonNumber(number));
        return;
      }
      case M:
        this.#ranges.drop(this.#map(shape));
        return;
      case L:
        this.#list(shape);
        return;
      case B:
        this.#writeText(`"${this.#bytes().toString('base64')}"`);
        return;
      default:
        throw this.#unreadable();
    }
  }

  #longTyped(): void {
    this.#at -= 1;
    const type = this.#content();
    this.#take(COLON);
    switch (type) {
      case 'BOOL':
        this.#writeText(this.#word('true', 'false'));
        return;
      case 'NULL':
        this.#word('true');
        this.#writeText('null');
        return;
      case 'SS': {
        const texts = this.#array(() => this.#stringText());
        this.#writeText(JSON.stringify(texts.sort(compareUtf8)));
        return;
      }
      case 'NS': {
        const numbers = this.#array(() => this.#content());
        this.#writeText(`[${numbers.sort(compareDecimals).map(jsonNumber).join(',')}]`);
        return;
      }
      case 'BS':
        this.#writeText(`[${sortedBytes(this.#array(() => this.#bytes())).join(',')}]`);
        return;
      default:
        throw this.#unreadable();
    }
  }

  #list(shape: MapShape): void {
    const [written, ranges] = [this.#written, this.#ranges];
    const base = ranges.top;
    this.#take(OPENING_BRACKET);
    if (!this.#takeIf(CLOSING_BRACKET)) {
      do {
        this.#value(shape, false);
        ranges.set(ranges.push(1), this.#start, this.#end);
      } while (this.#takeIf(COMMA));
      this.#take(CLOSING_BRACKET);
    }
    const start = written.end;
    written.byte(OPENING_BRACKET);
    for (let at = base; at < ranges.top; at += 2) {
      if (at > base) written.byte(COMMA);
      this.#writeValue(ranges.start(at), ranges.end(at));
    }
    written.byte(CLOSING_BRACKET);
    ranges.drop(base);
    this.#isWritten(start);
  }

  /** Reads a string as JSON writes it at its shortest; whoever sent it may have escaped more than need be. */
  #string(): void {
    this.#skipSpace();
    const wire = this.#wire;
    const start = this.#at;
    if (wire[start] !== QUOTE) throw this.#unreadable();
    let end = endOfPlain(wire, start + 1);
    const isPlain = wire[end] === QUOTE;
    while (wire[end] === BACKSLASH) end = endOfPlain(wire, end + 2);
    if (wire[end] !== QUOTE) throw this.#unreadable();
    this.#start = start;
    this.#end = end + 1;
    this.#at = end + 1;
    if (!isPlain) this.#writeText(JSON.stringify(this.#parsedText()));
  }

  #stringText(): string {
    this.#string();
    return this.#parsedText();
  }

  #bytes(): Buffer {
    const base64 = this.#stringText();
    const bytes = Buffer.from(base64, 'base64');
    if (bytes.toString('base64') !== base64) throw this.#unreadable();
    return bytes;
  }

  #parsedText(): string {
    try {
      return String(JSON.parse(this.#text()));
    } catch {
      throw this.#unreadable();
    }
  }

  /** The value read last. */
  #text(): string {
    const [start, end] = [this.#start, this.#end];
    return start < 0
      ? this.#written.bytes.toString('utf8', ~start, ~end)
      : this.#wire.toString('utf8', start, end);
  }

  /** What is inside a string that needs no escapes: a number, a type. */
  #content(): string {
    this.#take(QUOTE);
    const start = this.#at;
    const end = this.#wire.indexOf(QUOTE, start);
    if (end < 0) throw this.#unreadable();
    this.#at = end + 1;
    return this.#wire.toString('utf8', start, end);
  }

  #word(...words: readonly string[]): string {
    this.#skipSpace();
    const text = this.#wire.toString('latin1', this.#at, this.#at + LONGEST_OPENING);
    const word = words.find((one) => text.startsWith(one));
    if (word === undefined) throw this.#unreadable();
    this.#at += word.length;
    return word;
  }

  #take(code: number): void {
    if (!this.#takeIf(code)) throw this.#unreadable();
  }

  #takeIf(code: number): boolean {
    if (this.#wire[this.#at] !== code) {
      this.#skipSpace();
      if (this.#wire[this.#at] !== code) return false;
    }
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    while ((this.#wire[this.#at] ?? Infinity) <= SPACE) this.#at += 1;
  }

  /** Without a word of the text, which is a user's. */
  #unreadable(): TypeError {
    return new TypeError(`DynamoDB sent something else than an item's attribute at byte ${this.#at}.`);
  }
}
