import { StateFailure } from './state-failure.ts';

/** Step Functions' limit for the input or the result of a state, bytes of UTF-8. */
export const MAX_PAYLOAD_BYTES = 262_144;

export type JsonObject = Readonly<Record<string, unknown>>;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Array.isArray that narrows to unknown items instead of any. */
export const isJsonArray = (value: unknown): value is readonly unknown[] => Array.isArray(value);

export const parseJson = (text: string): unknown => {
  const value: unknown = JSON.parse(text);
  return value;
};

/** The text of a payload as it travels between states. Throws StateFailure `States.DataLimitExceeded` above 256 KiB. */
export const payloadText = (value: unknown, whatItIs: string): string => {
  const text = JSON.stringify(value ?? null);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_PAYLOAD_BYTES) return text;
  const reason = `${whatItIs} has ${bytes} bytes, which exceeds the maximum of ${MAX_PAYLOAD_BYTES} bytes.`;
  throw new StateFailure('States.DataLimitExceeded', reason);
};

/** Equality of JSON values, independent of the order of fields. */
export const sameJson = (left: unknown, right: unknown): boolean => {
  if (isJsonArray(left) && isJsonArray(right)) {
    return left.length === right.length && left.every((item, index) => sameJson(item, right[index]));
  }
  if (isJsonObject(left) && isJsonObject(right)) {
    const names = Object.keys(left);
    return (
      names.length === Object.keys(right).length &&
      names.every((name) => Object.hasOwn(right, name) && sameJson(left[name], right[name]))
    );
  }
  return left === right;
};
