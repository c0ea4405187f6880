import { describe, expect, it } from '@jest/globals';
import * as errors from '../../../../shared/domain/errors.ts';
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

/** What is told to whoever calls the API, or settled where it is caught: no export ends with one of these. */
const NEVER_THE_LAST_WORD = new Set([
  ...['InvalidRequest', 'RequestTooLarge', 'UnsupportedMediaType', 'AccessTokenRequired', 'ExportNotFound'],
  ...['IdempotencyKeySpent', 'ActiveExportLimitReached', 'ExportNotCompleted', 'ExportExpired'],
  ...['ExportAlreadyExists', 'ExportStateConflict', 'ExportClosed', 'ExecutionEnded', 'ExportNotRetryable'],
]);

/** Every other error of ours, and what only start-export, the sweeper or EventBridge finds. */
const OWN = [
  ...Object.keys(errors).filter((name) => !NEVER_THE_LAST_WORD.has(name)),
  'ExecutionNotStarted',
  'ExecutionLost',
  ...Object.values(EXECUTION_FAILURES),
];

describe('the statement about a failure', () => {
  it('is looked for under every name that the workflow retries', () => {
    expect(RETRIED).toEqual(
      expect.arrayContaining(['ServiceUnavailable', 'States.Timeout', 'Lambda.Unknown']),
    );
  });

  it('is looked for under every error of ours that can end an export', () => {
    expect(OWN).toEqual(expect.arrayContaining(['AccessRefused', 'ExportTooLarge', 'InvalidStepInput']));
    for (const name of NEVER_THE_LAST_WORD) expect(errors).toHaveProperty(name);
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

  it('tells not to try again exactly where somebody must do something else first', () => {
    const hopeless = [...RETRIED, ...OWN].filter((name) => !failureFor(name).retryable);
    expect(hopeless.sort()).toEqual([
      'AccessRefused',
      'ExportTooLarge',
      'IndexIncomplete',
      'MisconfiguredFunction',
    ]);
    for (const name of hopeless)
      expect(failureFor(name).message).not.toMatch(/start (?:it|the export) again/i);
  });
});
