/** What XML 1.0 cannot hold at all, escaped or not. */
const NOT_IN_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** A string as XML text, with whitespace folded and without the characters XML forbids. */
export const xmlText = (value: string): string =>
  value
    .replaceAll(NOT_IN_XML, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
