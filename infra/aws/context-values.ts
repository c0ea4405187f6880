/** Looks up what a deployment was told under a name: by `--context name=value`, which is text, or in cdk.json, which is JSON. */
export type ContextLookup = (name: string) => unknown;

/** Settings of a deployment that cannot be used: a sentence for each. */
export class InvalidContext extends Error {
  override readonly name = 'InvalidContext';
}

/** What a value must be, and the value as the stack wants it; undefined where it is something else. */
interface Kind<Value> {
  readonly must: string;
  readonly parse: (given: unknown) => Value | undefined;
}

export const textOf = (pattern: RegExp, must: string): Kind<string> => ({
  must,
  parse: (given) => (typeof given === 'string' && pattern.test(given) ? given : undefined),
});

export const wholeNumber = (least: number, most: number, of: string): Kind<number> => ({
  must: `must be a whole number of ${of} from ${least} to ${most}`,
  parse: (given) => {
    const number = typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : given;
    const fits = typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most;
    return fits ? number : undefined;
  },
});

export const yesOrNo: Kind<boolean> = {
  must: 'must be true or false',
  parse: (given) => {
    if (typeof given === 'boolean') return given;
    return given === 'true' || given === 'false' ? given === 'true' : undefined;
  },
};

/** One or several, in JSON as a list, in text with commas between them. */
export const listOf = (kind: Kind<string>): Kind<readonly string[]> => ({
  must: `${kind.must}, or several of them with commas between`,
  parse: (given) => {
    const parts: unknown[] = typeof given === 'string' ? given.split(',') : Array.isArray(given) ? given : [];
    const values = parts.flatMap((part) => kind.parse(typeof part === 'string' ? part.trim() : part) ?? []);
    return parts.length > 0 && values.length === parts.length ? values : undefined;
  },
});

const quoted = (given: unknown): string => (typeof given === 'string' ? `"${given}"` : JSON.stringify(given));

/** Reads settings one by one and keeps what is wrong with them, so that a person hears everything at once. */
export class ContextValues {
  readonly #lookup: ContextLookup;
  readonly #problems: string[] = [];

  constructor(lookup: ContextLookup) {
    this.#lookup = lookup;
  }

  /** What was given under the name; the fallback where nothing was, or something that is noted as wrong. */
  read<Value>(name: string, kind: Kind<Value>, fallback: Value): Value {
    return this.optional(name, kind) ?? fallback;
  }

  optional<Value>(name: string, kind: Kind<Value>): Value | undefined {
    const given = this.#lookup(name);
    if (given === undefined || given === '') return undefined;
    const value = kind.parse(given);
    if (value === undefined) this.refuse(`${name} ${kind.must}, but is ${quoted(given)}.`);
    return value;
  }

  /** The same; that nothing was given is wrong too. `stand` takes its place until that is told. */
  required<Value>(name: string, kind: Kind<Value>, stand: Value): Value {
    const given = this.#lookup(name);
    if (given === undefined || given === '') {
      this.refuse(`${name} is missing: it ${kind.must}. Give it with --context ${name}=… or in cdk.json.`);
    }
    return this.optional(name, kind) ?? stand;
  }

  refuse(sentence: string): void {
    this.#problems.push(sentence);
  }

  /** @throws InvalidContext when anything was wrong */
  assertValid(): void {
    if (this.#problems.length > 0) throw new InvalidContext(this.#problems.join('\n'));
  }
}
