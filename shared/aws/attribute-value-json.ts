import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { compareUtf8 } from '../domain/compare-utf8.ts';
import { compareDecimals, jsonNumber, plainDecimal } from '../domain/decimal-text.ts';
import { MONEY_ATTRIBUTES, type KeyOrder } from '../domain/sections.ts';

/**
 * Writes stored items as JSON text straight from DynamoDB's own representation, because every detour over JavaScript
 * values loses something: numbers lose digits, Sets become `{}`. The rules are the data contract's, "How a value is
 * written to JSON".
 */
export const itemJson = (item: Readonly<Record<string, AttributeValue>>, order: KeyOrder): string =>
  mapJson(item, order);

const UNORDERED: KeyOrder = { keys: [] };

const orderedKeys = (map: Readonly<Record<string, AttributeValue>>, { keys }: KeyOrder): string[] => {
  const known = keys.filter((key) => Object.hasOwn(map, key));
  const others = Object.keys(map).filter((key) => !keys.includes(key));
  return others.length === 0 ? known : [...known, ...others.sort(compareUtf8)];
};

/** An attribute may be called `constructor`, which every object has without having it as its own. */
const nestedOrder = ({ nested = {} }: KeyOrder, key: string): KeyOrder | undefined =>
  Object.hasOwn(nested, key) ? nested[key] : undefined;

const mapJson = (map: Readonly<Record<string, AttributeValue>>, order: KeyOrder): string => {
  const members = orderedKeys(map, order).map((key) => {
    const value = map[key];
    // The SDK gives an attribute called `__proto__` without its value: better no export than one that lacks it in silence.
    if (value === undefined) throw new TypeError('DynamoDB sent an attribute without a value.');
    return `${JSON.stringify(key)}:${memberJson(key, value, nestedOrder(order, key))}`;
  });
  return `{${members.join(',')}}`;
};

const memberJson = (key: string, value: AttributeValue, order: KeyOrder | undefined): string =>
  value.N !== undefined && MONEY_ATTRIBUTES.has(key) ? `"${plainDecimal(value.N)}"` : valueJson(value, order);

const listJson = (values: readonly string[]): string => `[${values.join(',')}]`;

const base64Json = (bytes: Uint8Array): string => `"${Buffer.from(bytes).toString('base64')}"`;

const valueJson = (value: AttributeValue, order: KeyOrder = UNORDERED): string => {
  if (value.S !== undefined) return JSON.stringify(value.S);
  if (value.N !== undefined) return jsonNumber(value.N);
  if (value.BOOL !== undefined) return String(value.BOOL);
  if (value.NULL !== undefined) return 'null';
  if (value.M !== undefined) return mapJson(value.M, order);
  if (value.L !== undefined) return listJson(value.L.map((member) => valueJson(member, order)));
  if (value.SS !== undefined)
    return listJson([...value.SS].sort(compareUtf8).map((text) => JSON.stringify(text)));
  if (value.NS !== undefined) return listJson([...value.NS].sort(compareDecimals).map(jsonNumber));
  if (value.B !== undefined) return base64Json(value.B);
  if (value.BS !== undefined)
    return listJson(value.BS.toSorted((a, b) => Buffer.compare(a, b)).map(base64Json));
  throw new TypeError('DynamoDB sent a value of an unknown type.');
};
