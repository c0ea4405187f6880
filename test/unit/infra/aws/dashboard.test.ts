import { describe, expect, it } from '@jest/globals';
import { FAILURE_CATEGORIES } from '../../../../shared/domain/failures.ts';
import { MEASURES } from '../../../../shared/domain/measures.ts';
import { FUNCTIONS } from '../../../../shared/lambda/functions.ts';
import { exportTemplate, resolved, resourcesOf } from '../../../support/export-template.ts';

const template = exportTemplate();
const PREFIX = 'housef3-example';

interface Widget {
  readonly properties: { readonly title: string; readonly metrics: readonly (readonly unknown[])[] };
}

const [dashboard] = resourcesOf(template, 'AWS::CloudWatch::Dashboard');
const { widgets } = JSON.parse(resolved(dashboard?.properties['DashboardBody'])) as { widgets: Widget[] };
const lines = widgets.flatMap(({ properties }) => properties.metrics);
const widgetNamed = (title: string) => widgets.find(({ properties }) => properties.title === title);

const labelsOf = (title: string): unknown[] =>
  (widgetNamed(title)?.properties.metrics ?? []).map(
    (line) => (line.at(-1) as { readonly label?: string }).label,
  );

describe('the dashboard', () => {
  it('is named after the deployment, as alarms link to it', () => {
    expect(dashboard?.properties['DashboardName']).toBe(`${PREFIX}-export`);
    const linked = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(({ properties }) =>
      resolved(properties['AlarmDescription']),
    );
    expect(linked.join('\n')).toContain(`cloudwatch/home#dashboards/dashboard/${PREFIX}-export`);
  });

  it('shows everything that functions measure, each of this deployment alone', () => {
    const own = lines.filter(([namespace]) => namespace === 'HouseholdDataExport');
    expect(new Set(own.map(([, measure]) => measure))).toEqual(new Set(Object.keys(MEASURES)));
    for (const line of own) expect(line.slice(2)).toEqual(expect.arrayContaining(['environment', PREFIX]));
  });

  it.each(['Errors by function', 'Throttles by function', 'Duration by function, p95'])(
    'shows %s for all of them',
    (title) => {
      expect(labelsOf(title).sort()).toEqual(Object.keys(FUNCTIONS).sort());
    },
  );

  it('shows how long each step of the workflow takes, by phase', () => {
    const titles = ['Collecting', 'Packing', 'Verifying and ending'].map(
      (phase) => `${phase}: longest calls`,
    );
    const shown = titles.flatMap((title) => labelsOf(title));
    expect(shown).toEqual(expect.arrayContaining(['collect-accounts', 'package-export', 'verify-package']));
    expect(new Set(shown).size).toBe(shown.length);
  });

  it('tells failures by category and by code, and how many exports succeed', () => {
    expect(labelsOf('Failures by category')).toEqual([...FAILURE_CATEGORIES]);
    const searched = JSON.stringify(widgetNamed('Failures by code'));
    expect(searched).toContain('SEARCH(');
    expect(searched).toContain('{HouseholdDataExport,service,environment,code}');
    expect(JSON.stringify(widgetNamed('Success rate'))).toContain('SUM([completed, failed])');
  });

  it('shows every queue of dead letters', () => {
    const queues = resourcesOf(template, 'AWS::SQS::Queue').map(({ properties }) =>
      String(properties['QueueName']).slice(`${PREFIX}-`.length),
    );
    expect(labelsOf('Dead letters').sort()).toEqual(queues.sort());
  });
});

describe('saved queries', () => {
  const queries = new Map(
    resourcesOf(template, 'AWS::Logs::QueryDefinition').map(({ properties }) => [
      String(properties['Name']),
      { text: String(properties['QueryString']), logs: properties['LogGroupNames'] as { Ref: string }[] },
    ]),
  );
  const logOf = new Map(
    resourcesOf(template, 'AWS::Logs::LogGroup').map(({ id, properties }) => [
      id,
      String(properties['LogGroupName']),
    ]),
  );
  const logsOf = (name: string): (string | undefined)[] =>
    (queries.get(`${PREFIX}-export/${name}`)?.logs ?? []).map(({ Ref }) => logOf.get(Ref));
  const functionLogs = Object.keys(FUNCTIONS).map((name) => `/aws/lambda/${PREFIX}-${name}`);

  it('follow an export through every function and the state machine', () => {
    expect(logsOf('follow-export').sort()).toEqual(
      [...functionLogs, `/aws/vendedlogs/states/${PREFIX}-export`].sort(),
    );
    expect(queries.get(`${PREFIX}-export/follow-export`)?.text).toContain("exportId = 'EXPORT_ID'");
  });

  it.each(['errors-by-reason', 'slowest-steps', 'cold-starts'])('ask every function: %s', (name) => {
    expect(logsOf(name).sort()).toEqual(functionLogs.toSorted());
  });

  it('ask the access log for the API’s own errors, by what it calls them', () => {
    expect(logsOf('server-errors-by-route')).toEqual([`/aws/vendedlogs/http-api/${PREFIX}-export`]);
    const text = queries.get(`${PREFIX}-export/server-errors-by-route`)?.text ?? '';
    const [stage] = resourcesOf(template, 'AWS::ApiGatewayV2::Stage');
    const { Format } = stage?.properties['AccessLogSettings'] as { Format: string };
    for (const field of ['status', 'route', 'integrationError']) {
      expect(text).toContain(field);
      expect(JSON.parse(Format)).toHaveProperty(field);
    }
  });
});
