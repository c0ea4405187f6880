import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';

/** A line in CloudWatch's embedded metric format. */
interface MetricLine {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
}

let lines: MetricLine[];
let errors: string;

beforeAll(async () => {
  // A process of its own, because what counts is what arrives at its standard output.
  const script = fileURLToPath(new URL('fixtures/metric-lines.ts', import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script]);
  errors = stderr;
  lines = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as MetricLine);
});

const EVERYWHERE = { service: 'household-data-export', environment: 'project-test' };

describe('what is measured', () => {
  it('is written as one line for each occasion, of which CloudWatch makes metrics with their units', () => {
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatchObject({ ...EVERYWHERE, ExportsCompleted: 1, ExportDuration: 5000 });
    expect(lines[0]?._aws.CloudWatchMetrics).toEqual([
      {
        Namespace: 'HouseholdDataExport',
        Dimensions: [['service', 'environment']],
        Metrics: [
          { Name: 'ExportsCompleted', Unit: 'Count' },
          { Name: 'ExportDuration', Unit: 'Milliseconds' },
          { Name: 'PackageSize', Unit: 'Bytes' },
        ],
      },
    ]);
    expect(errors).toBe('');
  });

  it('of a failure is counted altogether, by category and by code, and never by a name that anybody else has chosen', () => {
    expect(lines[1]).toMatchObject({
      ...EVERYWHERE,
      ...{ ExportsFailed: 1, category: 'unexpected', code: 'UnexpectedError' },
    });
    expect(lines[1]?._aws.CloudWatchMetrics[0]?.Dimensions).toEqual([
      ['service', 'environment'],
      ['service', 'environment', 'category'],
      ['service', 'environment', 'code'],
    ]);
    expect(JSON.stringify(lines)).not.toContain('ForeignError');
  });

  it('has nothing of the occasion before', () => {
    const { _aws, ...rest } = lines[2] ?? { _aws: undefined };
    expect(rest).toEqual({ ...EVERYWHERE, ExportsStarted: 1 });
    expect(_aws?.CloudWatchMetrics[0]?.Dimensions).toEqual([['service', 'environment']]);
  });
});
