import { describe, expect, it } from '@jest/globals';
import { runApp } from '../../../support/run-app.ts';

describe('the CDK app', () => {
  it('is run by Node as it stands, and needs neither credentials nor Docker for a template', async () => {
    const { code, stderr, written } = await runApp({ environment: 'example' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(Object.keys(written)).toContain('housef3-example-export.template.json');
  });

  it('says what is wrong with its settings, a line for each, and nothing of where that was found', async () => {
    const { code, stderr, written } = await runApp({
      environment: 'example',
      retentionHours: 'a day',
      colour: 1,
    });
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^colour is no setting of this stack, which has project, environment, /),
      'retentionHours must be a whole number of hours from 1 to 720, but is "a day".',
    ]);
    expect(Object.keys(written).filter((file) => file.endsWith('.template.json'))).toEqual([]);
  });
});
