export const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c];
export const [OPENING_BRACE, CLOSING_BRACE, OPENING_BRACKET, CLOSING_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
export const SPACE = 0x20;

const [MINUS, POINT, ZERO, NINE] = [0x2d, 0x2e, 0x30, 0x39];

const isDigit = (code = 0): boolean => code >= ZERO && code <= NINE;

export const startsNumber = (code: number | undefined): boolean => code === MINUS || isDigit(code);

/** Whether a number is written without exponent and zeros in front, as DynamoDB mostly does: then it stays as it is. */
export const isPlainNumber = (wire: Uint8Array, start: number, end: number): boolean => {
  const isNegative = wire[start] === MINUS;
  let at = isNegative ? start + 1 : start;
  const first = wire[at];
  at += 1;
  if (!isDigit(first) || (first === ZERO && (isNegative || (at < end && wire[at] !== POINT)))) return false;
  while (at < end && isDigit(wire[at])) at += 1;
  if (at === end) return true;
  if (wire[at] !== POINT || at + 1 === end) return false;
  at += 1;
  while (at < end && isDigit(wire[at])) at += 1;
  return at === end;
};

export const isAt = (wire: Uint8Array, at: number, bytes: Uint8Array): boolean => {
  for (let index = 0; index < bytes.length; index += 1) {
    if (wire[at + index] !== bytes[index]) return false;
  }
  return true;
};

/** Where a string's content ends, or its first escape is, or a control character, which no string of JSON has (RFC 8259). */
export const endOfPlain = (wire: Uint8Array, start: number): number => {
  let at = start;
  while (at < wire.length && wire[at] !== QUOTE && wire[at] !== BACKSLASH && (wire[at] ?? 0) >= SPACE)
    at += 1;
  return at;
};
