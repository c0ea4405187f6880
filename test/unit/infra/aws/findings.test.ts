import { describe, expect, it } from '@jest/globals';
import { runApp } from '../../../support/run-app.ts';

interface Finding {
  readonly ruleName: string;
  readonly acknowledgedId: string;
  readonly reason: string;
}

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly Finding[];
    readonly suppressedViolations?: readonly Finding[];
  }[];
}

type Metadata = Readonly<Record<string, readonly { readonly type: string; readonly data: object }[]>>;

const key = (last: number): string =>
  `arn:aws:kms:eu-central-1:111111111111:key/${'0'.repeat(7)}${last}-0000-4000-8000-0123456789ab`;
const PRODUCTION = {
  ...{ environment: 'prod', region: 'eu-central-1', alarmEmail: 'operators@example.com' },
  ...{ jwtIssuer: 'https://issuer.example.com', jwtAudience: 'client', jwtScopes: 'export/use' },
  ...{ tableKeyArns: `${key(1)},${key(2)}`, fileBucketKeyArn: key(3), packagesKeyArn: key(4) },
};

const findings = async (settings: Readonly<Record<string, unknown>>) => {
  const { code, stderr, written } = await runApp(settings);
  const { pluginReports } = JSON.parse(written['validation-report.json'] ?? '') as Report;
  const metadataFile = Object.keys(written).find((name) => name.endsWith('-export.metadata.json')) ?? '';
  const metadata = Object.values(JSON.parse(written[metadataFile] ?? '') as Metadata).flat();
  return {
    ...{ code, stderr, packs: pluginReports.map(({ pluginName }) => pluginName) },
    open: pluginReports.flatMap(({ violations }) => violations),
    acknowledged: pluginReports.flatMap(({ suppressedViolations = [] }) => suppressedViolations),
    acknowledgements: metadata
      .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
      .flatMap(({ data }) => Object.keys(data)),
  };
};

describe('cdk-nag', () => {
  it.each<[string, Record<string, unknown>]>([
    ['as an example', { environment: 'example' }],
    ['with empty tables of the application', { environment: 'example', createApplicationTables: true }],
    ['in production, with keys of its own', PRODUCTION],
    ['without e-mail and sites', { ...PRODUCTION, environment: 'dev', alarmEmail: '', corsOrigins: '' }],
  ])('finds nothing in the stack %s that is not acknowledged', async (_, settings) => {
    const { code, stderr, packs, open } = await findings(settings);
    expect(open).toEqual([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(packs).toEqual(expect.arrayContaining(['AwsSolutions', 'Serverless']));
  });

  it('is told why for at most five kinds of findings, each of which it really has', async () => {
    const { acknowledged, acknowledgements } = await findings({ environment: 'example' });
    const reasons = new Set(acknowledged.map(({ reason }) => reason));
    expect(reasons.size).toBeLessThanOrEqual(5);
    for (const reason of reasons) expect(reason.length).toBeGreaterThan(60);
    const used = acknowledged.map(({ acknowledgedId }) => acknowledgedId);
    expect([...new Set(used)].sort()).toEqual(acknowledgements.toSorted());
  });
});
