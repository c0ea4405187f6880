/** A value of a `.$` field: a path, or a call of an intrinsic function. */
export type IntrinsicExpression =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'call'; readonly name: string; readonly parameters: readonly IntrinsicExpression[] };

const TOKENS = {
  call: /States\.[A-Za-z0-9]+\(/y,
  text: /'((?:[^'\\]|\\.)*)'/y,
  number: /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y,
  word: /true|false|null/y,
  path: /\$\$?(?:\['[^'\\]+'\]|\[[^\]']*\]|[^\s,()[\]'])*/y,
  space: /\s*/y,
};

class ExpressionReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  #take(token: RegExp): RegExpExecArray | null {
    token.lastIndex = this.#position;
    const match = token.exec(this.#text);
    if (match !== null) this.#position = token.lastIndex;
    return match;
  }

  #skip(character: string): boolean {
    this.#take(TOKENS.space);
    if (this.#text[this.#position] !== character) return false;
    this.#position += 1;
    return true;
  }

  #fail(): never {
    throw new SyntaxError(`"${this.#text}" is neither a path nor a call of an intrinsic function`);
  }

  #parameters(): IntrinsicExpression[] {
    const parameters: IntrinsicExpression[] = [];
    if (this.#skip(')')) return parameters;
    do parameters.push(this.#expression());
    while (this.#skip(','));
    if (!this.#skip(')')) this.#fail();
    return parameters;
  }

  #expression(): IntrinsicExpression {
    this.#take(TOKENS.space);
    const call = this.#take(TOKENS.call);
    if (call !== null) return { kind: 'call', name: call[0].slice(0, -1), parameters: this.#parameters() };
    const path = this.#take(TOKENS.path);
    if (path !== null) return { kind: 'path', path: path[0] };
    const text = this.#take(TOKENS.text);
    // Braces keep their backslash here: only States.Format knows which of them are placeholders.
    if (text !== null) return { kind: 'literal', value: (text[1] ?? '').replace(/\\([^{}])/g, '$1') };
    const word = this.#take(TOKENS.word);
    if (word !== null) return { kind: 'literal', value: word[0] === 'null' ? null : word[0] === 'true' };
    const number = this.#take(TOKENS.number);
    return number === null ? this.#fail() : { kind: 'literal', value: Number(number[0]) };
  }

  whole(): IntrinsicExpression {
    const expression = this.#expression();
    this.#take(TOKENS.space);
    if (this.#position < this.#text.length || expression.kind === 'literal') this.#fail();
    return expression;
  }
}

/** Reads a path or a call of an intrinsic function. Throws SyntaxError. */
export const parseIntrinsicExpression = (text: string): IntrinsicExpression =>
  text.startsWith('$') ? { kind: 'path', path: text } : new ExpressionReader(text).whole();
