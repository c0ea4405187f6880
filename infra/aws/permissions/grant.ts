import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** Actions on resources, both named exactly. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export const statementOf = ({ actions, resources, conditions = {} }: Grant): PolicyStatement =>
  new PolicyStatement({
    effect: Effect.ALLOW,
    actions: [...actions],
    resources: [...resources],
    conditions,
  });
