import { parseIntrinsicExpression, type IntrinsicExpression } from './intrinsic-expression.ts';
import { callIntrinsic, isIntrinsicCall } from './intrinsic-functions.ts';
import { parsePath, valueAtPath, type PathScope } from './json-path.ts';
import { isJsonArray, isJsonObject } from './json-value.ts';

const evaluate = (expression: IntrinsicExpression, scope: PathScope, field: string): unknown => {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'path':
      return valueAtPath(expression.path, scope, field);
    case 'call':
      return callIntrinsic(
        expression.name,
        expression.parameters.map((parameter) => evaluate(parameter, scope, field)),
      );
  }
};

/**
 * Fills in Parameters, ResultSelector or ItemSelector: a field whose name ends in `.$` becomes the value of its path
 * or intrinsic call. Throws StateFailure.
 */
export const fillTemplate = (template: unknown, scope: PathScope): unknown => {
  if (isJsonArray(template)) return template.map((item) => fillTemplate(item, scope));
  if (!isJsonObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) =>
      name.endsWith('.$') && typeof value === 'string'
        ? [name.slice(0, -2), evaluate(parseIntrinsicExpression(value), scope, name)]
        : [name, fillTemplate(value, scope)],
    ),
  );
};

const checkExpression = (expression: IntrinsicExpression): void => {
  if (expression.kind === 'path') parsePath(expression.path);
  if (expression.kind !== 'call') return;
  const { name, parameters } = expression;
  if (!isIntrinsicCall(name, parameters.length)) {
    throw new SyntaxError(`${name} with ${parameters.length} parameters is not an intrinsic function`);
  }
  parameters.forEach(checkExpression);
};

/** Throws SyntaxError when a template has a path or call that could never be filled in. */
export const checkTemplate = (template: unknown): void => {
  if (isJsonArray(template)) template.forEach(checkTemplate);
  if (!isJsonObject(template)) return;
  for (const [name, value] of Object.entries(template)) {
    if (!name.endsWith('.$')) checkTemplate(value);
    else if (typeof value === 'string') checkExpression(parseIntrinsicExpression(value));
    else throw new SyntaxError(`"${name}" must be a path or a call of an intrinsic function`);
  }
};
