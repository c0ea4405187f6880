import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../../../shared/lambda/environment.ts';
import { FUNCTIONS, lateWriterSeconds, WORKFLOW_FUNCTIONS } from '../../../../shared/lambda/functions.ts';

const GOOD = {
  EXPORT_JOBS_TABLE: 'jobs',
  EXPORT_PACKAGES_BUCKET: 'packages',
  EVENT_BUS_NAME: 'bus',
  METRICS_ENVIRONMENT: 'local',
  RETENTION_HOURS: '24',
};

const set = (variables: Readonly<Record<string, string>>): void => {
  for (const name of Object.keys(GOOD)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, variables);
};

afterEach(() => set({}));

const COMPLETE = FUNCTION_ENVIRONMENT['complete-export'];

describe('the environment of a function', () => {
  it('is read as it was told, numbers as numbers, and nothing else with it', () => {
    set(GOOD);
    expect(environmentOf(COMPLETE)).toEqual({ ...GOOD, RETENTION_HOURS: 24 });
  });

  it('names each variable that is missing or wrong, and quotes none', () => {
    set({ EXPORT_JOBS_TABLE: 'jobs', EXPORT_PACKAGES_BUCKET: '', RETENTION_HOURS: 'secret' });
    const reading = () => environmentOf(COMPLETE);
    expect(reading).toThrow(/EXPORT_PACKAGES_BUCKET/);
    expect(reading).toThrow(/EVENT_BUS_NAME/);
    expect(reading).toThrow(/RETENTION_HOURS/);
    expect(reading).not.toThrow(/EXPORT_JOBS_TABLE|secret/);
  });

  it.each([['-1'], ['1.5'], ['1e3'], [' 1'], [''], ['1234567890123456']])(
    'takes no %j for a number',
    (text) => {
      set({ ...GOOD, RETENTION_HOURS: text });
      expect(() => environmentOf(COMPLETE)).toThrow(/RETENTION_HOURS/);
    },
  );
});

describe('the functions of this service', () => {
  it('are the folders below functions/, no more and no fewer', () => {
    const folders = readdirSync(new URL('../../../../functions/', import.meta.url), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(Object.keys(FUNCTIONS).sort()).toEqual(folders.sort());
    expect(Object.keys(FUNCTION_ENVIRONMENT).sort()).toEqual(folders.sort());
  });

  it('are waited for, after a stop, longer than any of them can run', () => {
    const timeouts = Object.values(WORKFLOW_FUNCTIONS).map(({ timeoutSeconds }) => timeoutSeconds);
    expect(lateWriterSeconds(timeouts)).toBe(960);
    for (const timeout of timeouts) expect(lateWriterSeconds(timeouts)).toBeGreaterThan(timeout);
  });
});
