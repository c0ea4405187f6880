type JsonObject = Readonly<Record<string, unknown>>;
type Matcher = (value: unknown) => boolean;

/** A pattern that EventBridge, or this matcher, does not accept. */
export class InvalidEventPattern extends Error {
  override readonly name = 'InvalidEventPattern';
}

const refuse = (reason: string): never => {
  throw new InvalidEventPattern(`Event pattern is not valid. Reason: ${reason}`);
};

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const isScalar = (value: unknown): boolean =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

const asText = (value: unknown, matcher: string): string =>
  typeof value === 'string' ? value : refuse(`${matcher} needs a text`);

const onlyEntry = (value: unknown, what: string): readonly [name: string, argument: unknown] => {
  const entries = isObject(value) ? Object.entries(value) : [];
  const [entry] = entries;
  return entry !== undefined && entries.length === 1 ? entry : refuse(`${what} needs exactly one field`);
};

const onText =
  (test: (text: string) => boolean): Matcher =>
  (value) =>
    typeof value === 'string' && test(value);

const sameIgnoringCase = (expected: unknown): Matcher => {
  const folded = asText(expected, 'equals-ignore-case').toLowerCase();
  return onText((text) => text.toLowerCase() === folded);
};

/** `prefix` and `suffix`, each with a text or with `{"equals-ignore-case": text}`. */
const affix =
  (matcher: 'prefix' | 'suffix', test: (text: string, expected: string) => boolean) =>
  (argument: unknown): Matcher => {
    if (typeof argument === 'string') return onText((text) => test(text, argument));
    const [name, inner] = onlyEntry(argument, matcher);
    if (name !== 'equals-ignore-case') refuse(`${matcher} does not know ${name}`);
    const folded = asText(inner, matcher).toLowerCase();
    return onText((text) => test(text.toLowerCase(), folded));
  };

const prefix = affix('prefix', (text, expected) => text.startsWith(expected));
const suffix = affix('suffix', (text, expected) => text.endsWith(expected));

const wildcard = (argument: unknown): Matcher => {
  const pattern = asText(argument, 'wildcard');
  if (pattern.includes('**')) refuse('wildcard must not have two * in a row');
  const source = pattern.replace(/\\[*\\]|\*|[.+?^${}()|[\]\\]/g, (part) =>
    part === '*' ? '.*' : part.length === 2 ? part : `\\${part}`,
  );
  const expression = new RegExp(`^${source}$`, 's');
  return onText((text) => expression.test(text));
};

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

const numeric = (argument: unknown): Matcher => {
  const parts =
    isList(argument) && [2, 4].includes(argument.length) ? argument : refuse('numeric needs pairs');
  const tests = [0, 2]
    .filter((index) => index < parts.length)
    .map((index): ((value: number) => boolean) => {
      const [operator, limit] = parts.slice(index, index + 2);
      const compare = typeof operator === 'string' ? COMPARISONS[operator] : undefined;
      if (compare === undefined || typeof limit !== 'number')
        return refuse('numeric needs =, <, <=, > or >=');
      return (value) => compare(value, limit);
    });
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
};

const equalTo =
  (expected: unknown): Matcher =>
  (value) =>
    value === expected;

const anyOf =
  (matchers: readonly Matcher[]): Matcher =>
  (value) =>
    matchers.some((matches) => matches(value));

const asList = (value: unknown): readonly unknown[] => (isList(value) ? value : [value]);

const EXCLUDABLE: Readonly<Record<string, (argument: unknown) => Matcher>> = {
  prefix: (argument) => anyOf(asList(argument).map(prefix)),
  suffix: (argument) => anyOf(asList(argument).map(suffix)),
  wildcard: (argument) => anyOf(asList(argument).map(wildcard)),
  'equals-ignore-case': (argument) => anyOf(asList(argument).map(sameIgnoringCase)),
};

const excluded = (argument: unknown): Matcher => {
  if (isObject(argument)) {
    const [name, inner] = onlyEntry(argument, 'anything-but');
    const matcher = Object.hasOwn(EXCLUDABLE, name) ? EXCLUDABLE[name] : undefined;
    return matcher === undefined ? refuse(`anything-but does not know ${name}`) : matcher(inner);
  }
  const values = asList(argument);
  if (values.length === 0 || !values.every((value) => typeof value === 'string' || typeof value === 'number'))
    refuse('anything-but needs texts or numbers');
  return anyOf(values.map(equalTo));
};

const VALUE_MATCHERS: Readonly<Record<string, (argument: unknown) => Matcher>> = {
  prefix,
  suffix,
  wildcard,
  numeric,
  'equals-ignore-case': sameIgnoringCase,
};

// A field of an event may be an array; it matches when one of its elements does.
const onValues =
  (matches: Matcher): Matcher =>
  (field) =>
    field !== undefined && asList(field).some(matches);

const exists = (argument: unknown): Matcher => {
  if (typeof argument !== 'boolean') return refuse('exists needs true or false');
  return (field) => (field !== undefined && !isObject(field)) === argument;
};

const anythingBut = (argument: unknown): Matcher => {
  const matches = excluded(argument);
  return onValues((value) => !matches(value));
};

const alternative = (rule: unknown): Matcher => {
  if (isScalar(rule)) return onValues(equalTo(rule));
  const [name, argument] = onlyEntry(rule, 'A matcher');
  if (name === 'exists') return exists(argument);
  if (name === 'anything-but') return anythingBut(argument);
  const matcher = Object.hasOwn(VALUE_MATCHERS, name) ? VALUE_MATCHERS[name] : undefined;
  return matcher === undefined ? refuse(`Unrecognized match type ${name}`) : onValues(matcher(argument));
};

const fieldOf = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

const compileOr = (patterns: unknown): Matcher => {
  if (!isList(patterns) || patterns.length < 2) return refuse('$or needs two patterns or more');
  return anyOf(patterns.map(compileObject));
};

const compileField = (name: string, rule: unknown): Matcher => {
  if (name === '$or') return compileOr(rule);
  if (isList(rule)) {
    if (rule.length === 0) refuse('Empty arrays are not allowed');
    const matches = anyOf(rule.map(alternative));
    return (value) => matches(fieldOf(value, name));
  }
  if (!isObject(rule)) return refuse(`"${name}" must be an object or an array`);
  const matches = compileObject(rule);
  return (value) => matches(fieldOf(value, name));
};

const compileObject = (pattern: unknown): Matcher => {
  if (!isObject(pattern)) return refuse('A pattern must be an object');
  const fields = Object.entries(pattern).map(([name, rule]) => compileField(name, rule));
  if (fields.length === 0) refuse('Empty objects are not allowed');
  return (value) => fields.every((matches) => matches(value));
};

/** Makes a test out of an event pattern. Throws InvalidEventPattern, also for matchers that are not supported here. */
export const compileEventPattern = (pattern: unknown): ((event: unknown) => boolean) =>
  compileObject(pattern);
