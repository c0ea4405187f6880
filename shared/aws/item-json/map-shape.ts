import { MONEY_ATTRIBUTES, RECORD_KEY_ORDER, type KeyOrder, type Section } from '../../domain/sections.ts';

/** What stood before an attribute's string or number some time, up to its first character. */
interface Expectation {
  readonly bytes: Uint8Array;
  readonly place: number;
  readonly isNumber: boolean;
}

/** Where no attribute has been read yet, and where the last one read has no place in the order. */
export const [FIRST, UNKNOWN] = [-1, -2];

/** Beyond these, what follows an attribute is not learned any more. */
const MOST_EXPECTED = 8;

/** A map's attributes in the order in which the package writes them, ready to be looked up while a page is read. */
export class MapShape {
  /** Where a name that the order knows is written. */
  readonly places: ReadonlyMap<string, number>;
  /** The same by the name as a JSON string. */
  readonly placesByLiteral: ReadonlyMap<string, number>;
  /** What comes before each of their values, a comma first. */
  readonly prefixes: readonly Uint8Array[];
  readonly #expected: readonly Expectation[][];
  readonly #money: readonly boolean[];
  readonly #nested: readonly (MapShape | undefined)[];

  constructor({ keys, nested = {} }: KeyOrder) {
    this.places = new Map(keys.map((key, place) => [key, place]));
    this.placesByLiteral = new Map(keys.map((key, place) => [JSON.stringify(key), place]));
    this.prefixes = keys.map((key) => Buffer.from(`,${JSON.stringify(key)}:`));
    this.#expected = Array.from({ length: keys.length + 2 }, () => []);
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

  /** What has followed the attribute of a place: one item is much like the one before it. */
  expectedAfter(place: number): readonly Expectation[] {
    return this.#expected[place - UNKNOWN] ?? [];
  }

  learn(after: number, expectation: Expectation): void {
    const known = this.#expected[after - UNKNOWN];
    if (known === undefined || known.length === MOST_EXPECTED) return;
    if (!known.some(({ bytes }) => Buffer.compare(bytes, expectation.bytes) === 0)) known.push(expectation);
  }
}

export const UNORDERED = new MapShape({ keys: [] });

export const SHAPES: Readonly<Record<Section, MapShape>> = {
  accounts: new MapShape(RECORD_KEY_ORDER.accounts),
  transactions: new MapShape(RECORD_KEY_ORDER.transactions),
  categories: new MapShape(RECORD_KEY_ORDER.categories),
  fileMaps: new MapShape(RECORD_KEY_ORDER.fileMaps),
  transactionFiles: new MapShape(RECORD_KEY_ORDER.transactionFiles),
  analytics: new MapShape(RECORD_KEY_ORDER.analytics),
};
