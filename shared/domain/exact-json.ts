declare global {
  // ECMAScript's "JSON.parse source text access", which Node 22 has and TypeScript does not declare yet.
  interface JSON {
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown;
    rawJSON(text: string): object;
    isRawJSON(value: unknown): boolean;
  }
}

/**
 * A double holds any number of up to 15 digits, and writes it as it was unless it has an exponent. A text may look like
 * such a number too, which only makes its record slower to read.
 */
const LONG_NUMBER = /[[:,]\s*-?(?:[\d.]{16}|[\d.]+[eE])/;

/** Whether a JSON object or list may have a number that is another one, or is written in another way, as a double. */
export const mayHaveLongNumber = (json: string): boolean => LONG_NUMBER.test(json);

/**
 * Parses a JSON object or list without losing a digit: a number that would not be written again as it stands becomes
 * one that `JSON.stringify` writes literally (`JSON.isRawJSON`). All others are plain numbers.
 * @throws SyntaxError when it is no JSON
 */
export const parsedExactly = (json: string): unknown => {
  // A reviver is several times slower, and few records need one.
  if (!mayHaveLongNumber(json)) return JSON.parse(json);
  return JSON.parse(json, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source
      ? JSON.rawJSON(source)
      : value,
  );
};
