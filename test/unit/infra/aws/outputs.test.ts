import { describe, expect, it } from '@jest/globals';
import { exportTemplate, resolved, resourcesOf } from '../../../support/export-template.ts';

const template = exportTemplate({ activeExportCap: '3' });
const idOf = (type: string, isIt: (name: unknown) => boolean): string =>
  resolved({ Ref: resourcesOf(template, type).find(({ properties }) => isIt(properties['KeySchema']))?.id });

const machine = resolved({ Ref: resourcesOf(template, 'AWS::StepFunctions::StateMachine')[0]?.id });
const jobsTable = idOf('AWS::DynamoDB::Table', (schema) => JSON.stringify(schema).includes('exportId'));

const outputOf = (name: string): string =>
  resolved((template.findOutputs(name)[name] as { Value?: unknown } | undefined)?.Value);

describe('what the stack prints for operators', () => {
  it('is a command that shows an export, ready but for its id', () => {
    expect(outputOf('StatusCommand')).toBe(
      `npm run status -- EXPORT_ID --state-machine ${machine} --jobs-table ${jobsTable}`,
    );
  });

  it('is a command that retries one, within the number that a user may have active here', () => {
    expect(outputOf('RetryCommand')).toBe(
      `npm run retry -- EXPORT_ID --state-machine ${machine} --jobs-table ${jobsTable} --active-cap 3`,
    );
  });
});
