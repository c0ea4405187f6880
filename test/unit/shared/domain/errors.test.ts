import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as errors from '../../../../shared/domain/errors.ts';

type ErrorClass = new (...parameters: unknown[]) => Error;

const classes = Object.entries(errors)
  .filter(([name]) => /^[A-Z]/.test(name))
  .map(([name, value]) => [name, value as unknown as ErrorClass] as const);

describe('the errors of this service', () => {
  it('are all looked at here', () => {
    expect(classes.length).toBeGreaterThanOrEqual(17);
  });

  it.each(classes)(
    '%s has its class name as a literal name, which no bundler shortens',
    (exportName, ErrorClass) => {
      const Renamed = class extends ErrorClass {};
      const error = new Renamed([], '');
      expect(error).toBeInstanceOf(Error);
      expect(error.name).toBe(exportName);
      const source = readFileSync(new URL('../../../../shared/domain/errors.ts', import.meta.url), 'utf8');
      expect(source).toContain(`override readonly name = '${exportName}'`);
    },
  );

  it('keep their cause for operators', () => {
    const cause = new Error('inner');
    expect(new errors.ServiceUnavailable('outer', { cause }).cause).toBe(cause);
  });
});

describe('the sentence about a failure', () => {
  it.each([
    ['ServiceUnavailable'],
    ['AccessRefused'],
    ['IndexIncomplete'],
    ['InterimCorrupted'],
    ['States.Timeout'],
    ['OutOfTime'],
  ])('of %s is its own', (name) => {
    const { code, message } = errors.failureFor(name);
    expect(code).toBe(name);
    expect(message).not.toBe(errors.failureFor('SomethingElse').message);
  });

  it('is one for any other error too, and carries over nothing but its name', () => {
    const { message } = errors.failureFor('SomethingElse');
    expect(message).toMatch(/^[A-Z].*\.$/);
    expect(errors.failureFor('TypeError')).toEqual({ code: 'TypeError', message });
  });
});
