import { isJsonArray, isJsonObject } from './json-value.ts';
import { runtimeFailure, StateFailure } from './state-failure.ts';

/** What a path starts from: `$` is the data, `$$` the context object. */
export interface PathScope {
  readonly data: unknown;
  readonly context: unknown;
}

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' };

interface Path {
  readonly root: '$' | '$$';
  readonly steps: readonly Step[];
}

const STEP = /\.(?<dotted>[\p{L}\p{N}_-]+)|\['(?<quoted>[^'\\]+)'\]|\[(?<index>\d+)\]|(?<all>\.\*|\[\*\])/uy;

const stepOf = ({ dotted, quoted, index }: Record<string, string | undefined>): Step => {
  const name = dotted ?? quoted;
  if (name !== undefined) return { kind: 'field', name };
  return index === undefined ? { kind: 'all' } : { kind: 'index', index: Number(index) };
};

/**
 * Reads a path of fields, indexes and `[*]`. Throws SyntaxError for anything else: filters, slices and `..` are
 * not supported here, and a definition that uses one is refused at start.
 */
export const parsePath = (text: string): Path => {
  const root = text.startsWith('$$') ? '$$' : '$';
  const steps: Step[] = [];
  let position = root.length;
  while (text.startsWith('$') && position < text.length) {
    STEP.lastIndex = position;
    const match = STEP.exec(text);
    if (match === null) break;
    steps.push(stepOf(match.groups ?? {}));
    position = STEP.lastIndex;
  }
  if (text.startsWith('$') && position === text.length) return { root, steps };
  throw new SyntaxError(`"${text}" is not a path of fields, indexes and [*], which is all that is supported`);
};

const take = (values: readonly unknown[], step: Step): unknown[] => {
  switch (step.kind) {
    case 'field':
      return values.flatMap((value) =>
        isJsonObject(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [],
      );
    case 'index':
      return values.flatMap((value) =>
        isJsonArray(value) && step.index < value.length ? [value[step.index]] : [],
      );
    case 'all':
      return values.flatMap((value) =>
        isJsonArray(value) ? [...value] : isJsonObject(value) ? Object.values(value) : [],
      );
  }
};

/** The value a path points to, undefined when there is none. A path with `[*]` gives an array, empty at worst. */
export const findByPath = (text: string, scope: PathScope): unknown => {
  const { root, steps } = parsePath(text);
  const found = steps.reduce<unknown[]>(take, [root === '$$' ? scope.context : scope.data]);
  return steps.some(({ kind }) => kind === 'all') ? found : found[0];
};

/** Like findByPath. Throws StateFailure `States.Runtime` when the path points to nothing. */
export const valueAtPath = (text: string, scope: PathScope, field: string): unknown => {
  const value = findByPath(text, scope);
  if (value !== undefined) return value;
  const input = JSON.stringify(text.startsWith('$$') ? scope.context : scope.data);
  throw runtimeFailure(
    `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${input}'`,
  );
};

const put = (target: unknown, [name, ...rest]: readonly string[], value: unknown): unknown => {
  if (name === undefined) return value;
  if (target !== undefined && !isJsonObject(target)) {
    throw new StateFailure(
      'States.ResultPathMatchFailure',
      `The result path cannot be applied: "${name}" would be a field of something that is not an object.`,
    );
  }
  const inner = target !== undefined && Object.hasOwn(target, name) ? target[name] : undefined;
  return { ...target, [name]: put(inner, rest, value) };
};

/** The field names of a ResultPath. Throws SyntaxError when it is not a plain path of fields. */
export const parseResultPath = (text: string): readonly string[] => {
  const { root, steps } = parsePath(text);
  const names = steps.flatMap((step) => (step.kind === 'field' ? [step.name] : []));
  if (root === '$' && names.length === steps.length) return names;
  throw new SyntaxError(`"${text}" is not a path of fields, which is all that is supported for ResultPath`);
};

/** The input with the result put where ResultPath says; null keeps the input. The input itself stays as it is. */
export const applyResultPath = (
  resultPath: string | null | undefined,
  input: unknown,
  result: unknown,
): unknown => (resultPath === null ? input : put(input, parseResultPath(resultPath ?? '$'), result));
