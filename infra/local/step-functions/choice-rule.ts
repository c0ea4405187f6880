import { findByPath, parsePath, type PathScope } from './json-path.ts';
import { isJsonArray, isJsonObject, type JsonObject } from './json-value.ts';
import { runtimeFailure } from './state-failure.ts';

type Comparison = (actual: unknown, expected: unknown) => boolean;

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

const isTimestamp = (value: unknown): value is string =>
  typeof value === 'string' && RFC_3339.test(value) && !Number.isNaN(Date.parse(value));

const ordered = (
  order: (sign: number) => boolean,
): Readonly<Record<'text' | 'number' | 'time', Comparison>> => ({
  text: (actual, expected) =>
    typeof actual === 'string' &&
    typeof expected === 'string' &&
    order(actual < expected ? -1 : actual > expected ? 1 : 0),
  number: (actual, expected) =>
    typeof actual === 'number' && typeof expected === 'number' && order(Math.sign(actual - expected)),
  time: (actual, expected) =>
    isTimestamp(actual) &&
    isTimestamp(expected) &&
    order(Math.sign(Date.parse(actual) - Date.parse(expected))),
});

const ORDERS: Readonly<Record<string, (sign: number) => boolean>> = {
  Equals: (sign) => sign === 0,
  LessThan: (sign) => sign < 0,
  GreaterThan: (sign) => sign > 0,
  LessThanEquals: (sign) => sign <= 0,
  GreaterThanEquals: (sign) => sign >= 0,
};

const matchesWildcard: Comparison = (actual, pattern) => {
  if (typeof actual !== 'string' || typeof pattern !== 'string') return false;
  const source = pattern.replace(/\\[*\\]|\*|[.+?^${}()|[\]\\]/g, (part) =>
    part === '*' ? '.*' : part.startsWith('\\') && part.length === 2 ? part : `\\${part}`,
  );
  return new RegExp(`^${source}$`, 's').test(actual);
};

const COMPARISONS: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ...Object.entries(ORDERS).flatMap(([name, order]): [string, Comparison][] => [
    [`String${name}`, ordered(order).text],
    [`Numeric${name}`, ordered(order).number],
    [`Timestamp${name}`, ordered(order).time],
  ]),
  ['BooleanEquals', (actual, expected) => typeof actual === 'boolean' && actual === expected],
  ['StringMatches', matchesWildcard],
]);

const TYPE_TESTS: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['IsPresent', (value: unknown) => value !== undefined],
  ['IsNull', (value: unknown) => value === null],
  ['IsNumeric', (value: unknown) => typeof value === 'number'],
  ['IsString', (value: unknown) => typeof value === 'string'],
  ['IsBoolean', (value: unknown) => typeof value === 'boolean'],
  ['IsTimestamp', isTimestamp],
]);

const NOT_OPERATORS = new Set(['Variable', 'Next', 'Comment']);

const operatorOf = (rule: JsonObject): string => {
  const operators = Object.keys(rule).filter((name) => !NOT_OPERATORS.has(name));
  const [operator] = operators;
  if (operator !== undefined && operators.length === 1) return operator;
  throw new SyntaxError(`a choice rule needs exactly one operator, not ${JSON.stringify(operators)}`);
};

const rulesOf = (value: unknown): readonly JsonObject[] => {
  if (isJsonArray(value) && value.length > 0 && value.every(isJsonObject)) return value;
  throw new SyntaxError('And and Or need a list of choice rules');
};

const ruleOf = (value: unknown): JsonObject => {
  if (isJsonObject(value)) return value;
  throw new SyntaxError('Not needs a choice rule');
};

const pathText = (value: unknown): string => {
  if (typeof value !== 'string') throw new SyntaxError('a choice rule needs a path here');
  parsePath(value);
  return value;
};

/** Throws SyntaxError when the rule is not one that can be evaluated here. */
export const checkChoiceRule = (rule: JsonObject): void => {
  const operator = operatorOf(rule);
  if (operator === 'And' || operator === 'Or') {
    rulesOf(rule[operator]).forEach(checkChoiceRule);
  } else if (operator === 'Not') {
    checkChoiceRule(ruleOf(rule.Not));
  } else {
    pathText(rule.Variable);
    if (TYPE_TESTS.has(operator)) return;
    const comparison = operator.replace(/Path$/, '');
    if (!COMPARISONS.has(comparison) || operator === 'StringMatchesPath') {
      throw new SyntaxError(`${operator} is not an operator of a choice rule`);
    }
    if (operator !== comparison) pathText(rule[operator]);
  }
};

const present = (path: string, scope: PathScope): unknown => {
  const value = findByPath(path, scope);
  if (value !== undefined) return value;
  throw runtimeFailure(
    `Invalid path '${path}': The choice state's condition path references an invalid value.`,
  );
};

const compare = (rule: JsonObject, operator: string, scope: PathScope): boolean => {
  const variable = pathText(rule.Variable);
  const test = TYPE_TESTS.get(operator);
  if (test !== undefined) {
    const value = operator === 'IsPresent' ? findByPath(variable, scope) : present(variable, scope);
    return test(value) === rule[operator];
  }
  const byPath = operator.endsWith('Path');
  const comparison = COMPARISONS.get(byPath ? operator.slice(0, -'Path'.length) : operator);
  const expected = byPath ? present(pathText(rule[operator]), scope) : rule[operator];
  return comparison?.(present(variable, scope), expected) ?? false;
};

/** Whether the data fulfils a rule of a Choice state. Throws StateFailure `States.Runtime` for a path to nothing. */
export const fulfils = (rule: JsonObject, scope: PathScope): boolean => {
  const operator = operatorOf(rule);
  switch (operator) {
    case 'And':
      return rulesOf(rule.And).every((inner) => fulfils(inner, scope));
    case 'Or':
      return rulesOf(rule.Or).some((inner) => fulfils(inner, scope));
    case 'Not':
      return !fulfils(ruleOf(rule.Not), scope);
    default:
      return compare(rule, operator, scope);
  }
};
