type Values = Record<string, unknown>;

/** Builds one conditional UpdateItem: what to set or remove, and when it may happen. Names are always aliased. */
export class UpdateExpression {
  readonly #sets: string[] = [];
  readonly #removes: string[] = [];
  readonly #conditions: string[] = [];
  readonly #names: Record<string, string> = {};
  readonly #values: Values = {};

  /** Sets an attribute; an undefined value is left out. */
  set(attribute: string, value: unknown): this {
    if (value !== undefined) this.#sets.push(`${this.#name(attribute)} = ${this.#value(attribute, value)}`);
    return this;
  }

  setAll(attributes: Readonly<Values>): this {
    for (const [attribute, value] of Object.entries(attributes)) this.set(attribute, value);
    return this;
  }

  setIfMissing(attribute: string, value: unknown): this {
    const name = this.#name(attribute);
    this.#sets.push(`${name} = if_not_exists(${name}, ${this.#value(attribute, value)})`);
    return this;
  }

  /** Sets one key of a map attribute, which must exist. */
  setIn(map: string, key: string, value: unknown): this {
    this.#sets.push(`${this.#path(map, key)} = ${this.#value(`${map}${this.#key(key)}`, value)}`);
    return this;
  }

  remove(attribute: string): this {
    this.#removes.push(this.#name(attribute));
    return this;
  }

  removeIn(map: string, key: string): this {
    this.#removes.push(this.#path(map, key));
    return this;
  }

  /** A condition over the attributes named so far or by `#name`; all conditions must hold. */
  when(condition: string, values: Readonly<Values> = {}): this {
    for (const [alias] of condition.matchAll(/#\w+/g)) this.#names[alias] ??= alias.slice(1);
    Object.assign(this.#values, values);
    this.#conditions.push(`(${condition})`);
    return this;
  }

  whenStatusIn(statuses: readonly string[]): this {
    const allowed = statuses.map((status, index) => [`:allowed${index}`, status] as const);
    return this.when(`#status IN (${allowed.map(([name]) => name).join(', ')})`, Object.fromEntries(allowed));
  }

  /** The parts of an UpdateCommand's input. */
  input() {
    const clauses = [
      ...(this.#sets.length > 0 ? [`SET ${this.#sets.join(', ')}`] : []),
      ...(this.#removes.length > 0 ? [`REMOVE ${this.#removes.join(', ')}`] : []),
    ];
    return {
      UpdateExpression: clauses.join(' '),
      ConditionExpression: this.#conditions.join(' AND '),
      ExpressionAttributeNames: this.#names,
      ...(Object.keys(this.#values).length > 0 ? { ExpressionAttributeValues: this.#values } : {}),
    };
  }

  #name(attribute: string): string {
    this.#names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  }

  #value(name: string, value: unknown): string {
    this.#values[`:${name}`] = value;
    return `:${name}`;
  }

  #path(map: string, key: string): string {
    const alias = `#${map}${this.#key(key)}`;
    this.#names[alias] = key;
    return `${this.#name(map)}.${alias}`;
  }

  /** Keys are UUIDs and section names; what an alias cannot hold is left out of it. */
  #key(key: string): string {
    return `_${key.replaceAll('-', '')}`;
  }
}
