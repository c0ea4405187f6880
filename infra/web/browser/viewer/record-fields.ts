import { isJsonRecord } from '../../../../shared/domain/json-record.ts';

export interface RecordField {
  readonly name: string;
  readonly text: string;
  /** Whether it is a list or an object, written over several lines. */
  readonly isNested: boolean;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
/** No text of a record is taken for a number: JSON writes this character only escaped. */
const MARK = '\u0001';
const MARKED = /"\\u0001([^"]*)"/g;

/** Numbers as marked texts, because a double would lose digits. */
const withTextsForNumbers = (json: string): string =>
  json.replace(TOKEN, (token) => (token.startsWith('"') ? token : JSON.stringify(MARK + token)));

const shownText = (value: unknown): string =>
  typeof value === 'string' ? value.replace(MARK, '') : JSON.stringify(value, null, 2).replace(MARKED, '$1');

/** All that a record has, each number with every digit it is written with. @throws SyntaxError when it is no JSON */
export const recordFields = (json: string): RecordField[] => {
  const record: unknown = JSON.parse(withTextsForNumbers(json));
  return Object.entries(isJsonRecord(record) ? record : {}).map(([name, value]) => ({
    name,
    text: shownText(value),
    isNested: typeof value === 'object' && value !== null,
  }));
};
