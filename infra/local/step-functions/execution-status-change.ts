import type { ExecutionRecord, ExecutionStatus } from './execution-record.ts';

/** The event that EventBridge gets from Step Functions on AWS, ready to be put on the default bus. */
export interface ExecutionStatusChange {
  readonly source: 'aws.states';
  readonly detailType: 'Step Functions Execution Status Change';
  readonly resources: readonly string[];
  readonly detail: {
    readonly executionArn: string;
    readonly stateMachineArn: string;
    readonly name: string;
    readonly status: ExecutionStatus;
    readonly startDate: number;
    readonly stopDate: number | null;
    readonly input: string;
    readonly output: string | null;
    readonly inputDetails: { readonly included: true };
    readonly outputDetails: { readonly included: true } | null;
    readonly error: string | null;
    readonly cause: string | null;
    readonly redriveCount: number;
    readonly redriveDate: number | null;
  };
}

export const executionStatusChange = (record: ExecutionRecord): ExecutionStatusChange => {
  const { executionArn, stateMachineArn, name, status, startDate, input, outcome, redriveCount } = record;
  return {
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    resources: [executionArn],
    detail: {
      executionArn,
      stateMachineArn,
      name,
      status,
      startDate,
      stopDate: outcome?.stopDate ?? null,
      input,
      output: outcome?.output ?? null,
      inputDetails: { included: true },
      outputDetails: outcome?.output === undefined ? null : { included: true },
      error: outcome?.error ?? null,
      cause: outcome?.cause ?? null,
      redriveCount,
      redriveDate: record.redriveDate ?? null,
    },
  };
};
