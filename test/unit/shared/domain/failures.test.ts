import { describe, expect, it } from '@jest/globals';
import { EXECUTION_FAILURES } from '../../../../shared/domain/execution.ts';
import { FAILURE_CATEGORIES, failureFor } from '../../../../shared/domain/failures.ts';
import { workflowDefinition } from '../../../../statemachine/definition.ts';

/** Every error that the workflow tries again, from its definition: each can also be the last word. */
const RETRIED = [
  ...new Set(
    [...workflowDefinition().matchAll(/"ErrorEquals":\s*\[([^\]]*)\]/g)]
      .flatMap(([, names = '']) => [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name))
      .filter((name) => name !== 'States.ALL'),
  ),
];

/** What a step throws that must not be tried again, and what only the sweeper or EventBridge finds. */
const OWN = [
  'AccessRefused',
  'IndexIncomplete',
  'InterimCorrupted',
  'PackageCorrupted',
  'PackageCountsWrong',
  'PackageTotalsWrong',
  'ExecutionNeverStarted',
  'ExecutionLost',
  ...Object.values(EXECUTION_FAILURES),
];

describe('the statement about a failure', () => {
  it('is looked for under every name that the workflow retries', () => {
    expect(RETRIED).toEqual(
      expect.arrayContaining(['ServiceUnavailable', 'States.Timeout', 'Lambda.Unknown']),
    );
  });

  it.each([...RETRIED, ...OWN])('%s has a code of its own, a category and a whole sentence', (name) => {
    const { code, errorName, category, message } = failureFor(name);
    expect([code, errorName]).toEqual([name, name]);
    expect(FAILURE_CATEGORIES).toContain(category);
    expect(message).toMatch(/^[A-Z].*\.$/);
  });

  it('names nothing that a user cannot know: no service, no error, no step', () => {
    for (const name of [...RETRIED, ...OWN, 'SomethingElse']) {
      expect(failureFor(name).message).not.toMatch(
        /lambda|dynamo|s3|step|function|bucket|table|exception|error/i,
      );
    }
  });

  it.each(['TypeError', 'NoSuchBucket', 'constructor', '__proto__', ''])(
    'of %j, which nobody has foreseen, is one that says nothing of it, and keeps its name for operators',
    (name) => {
      expect(failureFor(name)).toEqual({
        code: 'UnexpectedError',
        errorName: name,
        category: 'unexpected',
        retryable: true,
        message: failureFor('ExportFailed').message,
      });
    },
  );

  it('tells not to try again exactly where an operator must act first', () => {
    const hopeless = [...RETRIED, ...OWN].filter((name) => !failureFor(name).retryable);
    expect(hopeless).toEqual(['AccessRefused', 'IndexIncomplete']);
    for (const name of hopeless)
      expect(failureFor(name).message).not.toMatch(/start (?:it|the export) again/i);
  });
});
