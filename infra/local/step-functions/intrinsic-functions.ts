import { createHash, randomInt, randomUUID } from 'node:crypto';
import { isJsonArray, isJsonObject, sameJson } from './json-value.ts';
import { StateFailure } from './state-failure.ts';

type IntrinsicFunction = (...parameters: readonly unknown[]) => unknown;

const LONGEST_ARRAY = 1000;
const LONGEST_TEXT = 10_000;
const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const failed = (reason: string): never => {
  throw new StateFailure('States.IntrinsicFailure', reason);
};

const text = (value: unknown): string => (typeof value === 'string' ? value : failed('A text is expected.'));
const shortText = (value: unknown): string =>
  text(value).length <= LONGEST_TEXT ? text(value) : failed(`A text may have ${LONGEST_TEXT} characters.`);
const array = (value: unknown): readonly unknown[] =>
  isJsonArray(value) ? value : failed('An array is expected.');
const integer = (value: unknown): number =>
  typeof value === 'number' && Number.isInteger(value) ? value : failed('An integer is expected.');
const object = (value: unknown) => (isJsonObject(value) ? value : failed('An object is expected.'));

const format: IntrinsicFunction = (template, ...values) => {
  const holes = text(template).match(/(?<!\\)\{\}/g)?.length ?? 0;
  if (holes !== values.length) failed('States.Format needs as many values as there are {} in the text.');
  const rest = [...values];
  const shown = (value: unknown) => {
    if (typeof value === 'object' && value !== null) failed('States.Format shows no arrays and objects.');
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  return text(template).replace(/\\([{}])|\{\}/g, (hole, brace?: string) =>
    hole === '{}' ? shown(rest.shift()) : (brace ?? ''),
  );
};

const stringToJson: IntrinsicFunction = (value) => {
  try {
    const parsed: unknown = JSON.parse(text(value));
    return parsed;
  } catch (error) {
    return failed(error instanceof Error ? error.message : 'The text is not JSON.');
  }
};

const partition: IntrinsicFunction = (values, size) => {
  const length = integer(size) > 0 ? integer(size) : failed('The size of a chunk must be positive.');
  const source = array(values);
  return Array.from({ length: Math.ceil(source.length / length) }, (_, chunk) =>
    source.slice(chunk * length, (chunk + 1) * length),
  );
};

const range: IntrinsicFunction = (first, last, step) => {
  const by = integer(step) === 0 ? failed('The step must not be 0.') : integer(step);
  const length = Math.max(0, Math.floor((integer(last) - integer(first)) / by) + 1);
  if (length > LONGEST_ARRAY) failed(`A range may have ${LONGEST_ARRAY} elements.`);
  return Array.from({ length }, (_, index) => integer(first) + index * by);
};

const item: IntrinsicFunction = (values, index) => {
  const position = integer(index);
  const source = array(values);
  return position >= 0 && position < source.length ? source[position] : failed('The index is out of range.');
};

const unique: IntrinsicFunction = (values) =>
  array(values).filter(
    (value, index, all) => all.findIndex((candidate) => sameJson(candidate, value)) === index,
  );

const base64Decode: IntrinsicFunction = (encoded) => {
  const valid = /^[A-Za-z0-9+/]*={0,2}$/.test(shortText(encoded)) && shortText(encoded).length % 4 === 0;
  return valid ? Buffer.from(text(encoded), 'base64').toString('utf8') : failed('The text is not Base64.');
};

const hash: IntrinsicFunction = (value, algorithm) => {
  const source = typeof value === 'string' ? value : JSON.stringify(value);
  const name = HASHES[text(algorithm)] ?? failed('The hash must be MD5, SHA-1, SHA-256, SHA-384 or SHA-512.');
  return createHash(name).update(shortText(source)).digest('hex');
};

const merge: IntrinsicFunction = (first, second, deep) =>
  deep === false
    ? { ...object(first), ...object(second) }
    : failed('States.JsonMerge merges shallowly only; its third parameter must be false.');

// Splits at every character of the separator and leaves out empty parts, as AWS does.
const split: IntrinsicFunction = (value, separators) => {
  const characters = new Set(text(separators));
  const parts = [''];
  for (const character of text(value)) {
    if (characters.has(character)) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${character}`);
  }
  return parts.filter((part) => part !== '');
};

const INTRINSIC_FUNCTIONS: Readonly<Record<string, { parameters?: number; run: IntrinsicFunction }>> = {
  'States.Format': { run: format },
  'States.StringToJson': { parameters: 1, run: stringToJson },
  'States.JsonToString': { parameters: 1, run: (value) => JSON.stringify(value) },
  'States.Array': { run: (...values) => values },
  'States.ArrayPartition': { parameters: 2, run: partition },
  'States.ArrayContains': {
    parameters: 2,
    run: (values, wanted) => array(values).some((value) => sameJson(value, wanted)),
  },
  'States.ArrayRange': { parameters: 3, run: range },
  'States.ArrayGetItem': { parameters: 2, run: item },
  'States.ArrayLength': { parameters: 1, run: (values) => array(values).length },
  'States.ArrayUnique': { parameters: 1, run: unique },
  'States.Base64Encode': {
    parameters: 1,
    run: (value) => Buffer.from(shortText(value), 'utf8').toString('base64'),
  },
  'States.Base64Decode': { parameters: 1, run: base64Decode },
  'States.Hash': { parameters: 2, run: hash },
  'States.JsonMerge': { parameters: 3, run: merge },
  'States.MathRandom': { parameters: 2, run: (from, to) => randomInt(integer(from), integer(to)) },
  'States.MathAdd': { parameters: 2, run: (left, right) => integer(left) + integer(right) },
  'States.StringSplit': { parameters: 2, run: split },
  'States.UUID': { parameters: 0, run: () => randomUUID() },
};

/** Whether a call with this name and number of parameters exists. */
export const isIntrinsicCall = (name: string, parameterCount: number): boolean => {
  if (!Object.hasOwn(INTRINSIC_FUNCTIONS, name)) return false;
  const expected = INTRINSIC_FUNCTIONS[name]?.parameters;
  return expected === undefined || expected === parameterCount;
};

/** Calls an intrinsic function. Throws StateFailure `States.IntrinsicFailure` when the parameters do not fit. */
export const callIntrinsic = (name: string, parameters: readonly unknown[]): unknown => {
  const called = INTRINSIC_FUNCTIONS[name];
  if (called === undefined || !isIntrinsicCall(name, parameters.length)) {
    return failed(`${name} with ${parameters.length} parameters does not exist.`);
  }
  try {
    return called.run(...parameters);
  } catch (error) {
    if (error instanceof StateFailure) throw error;
    return failed(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
};
