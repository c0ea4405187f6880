/** What has nothing to fold but its case. */
const ASCII = /^[\0-\x7f]*$/;

/** The text as a search sees it: without regard to case, accents and forms of letters. */
export const foldedText = (text: string): string =>
  (ASCII.test(text) ? text : text.normalize('NFKD').replace(/\p{M}/gu, '')).toLowerCase();

/** What is searched for; each must be found. */
export const searchedWords = (text: string): string[] => foldedText(text).split(/\s+/u).filter(Boolean);
