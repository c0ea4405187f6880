import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** A stored record, attribute by attribute, with numbers as the text DynamoDB is given. */
export type Item = Record<string, AttributeValue>;

export const text = (value: string): AttributeValue => ({ S: value });

/** A number. Give text where a double would lose digits. */
export const number = (value: number | bigint | string): AttributeValue => ({ N: String(value) });

export const flag = (value: boolean): AttributeValue => ({ BOOL: value });

export const list = (values: readonly AttributeValue[]): AttributeValue => ({ L: [...values] });

/** A record of the attributes that have a value. */
export const item = (attributes: Readonly<Record<string, AttributeValue | undefined>>): Item => {
  const present: Item = {};
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) present[name] = value;
  return present;
};

export const map = (attributes: Readonly<Record<string, AttributeValue | undefined>>): AttributeValue => ({
  M: item(attributes),
});
