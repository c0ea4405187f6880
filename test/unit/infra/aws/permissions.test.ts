import { describe, expect, it } from '@jest/globals';
import { FUNCTIONS, type FunctionName } from '../../../../shared/lambda/functions.ts';
import { exportTemplate, resolved, resourcesOf } from '../../../support/export-template.ts';
import { GOLDEN } from './fixtures/golden-permissions.ts';
import { allStatements, permissionsOf } from './fixtures/permissions.ts';

const template = exportTemplate();
const names = Object.keys(FUNCTIONS) as FunctionName[];

/** Every function's own log, and X-Ray, which knows no resources. */
const isForItself = (name: FunctionName, [resource, actions]: readonly [string, string]): boolean =>
  (resource === '*' && actions === 'xray:PutTelemetryRecords xray:PutTraceSegments') ||
  (resource === ownLog(name) && actions === 'logs:CreateLogStream logs:PutLogEvents');

const ownLog = (name: FunctionName): string | undefined =>
  resourcesOf(template, 'AWS::Logs::LogGroup')
    .filter(({ properties }) => properties['LogGroupName'] === `/aws/lambda/housef3-example-${name}`)
    .map(({ id }) => resolved({ 'Fn::GetAtt': [id, 'Arn'] }))[0];

describe('the permissions of functions', () => {
  it.each(names)('of %s are those of the golden table, no more and no fewer', (name) => {
    const permissions = Object.entries(permissionsOf(name, template));
    const own = permissions.filter((permission) => isForItself(name, permission));
    expect(own).toHaveLength(2);
    const others = permissions.filter((permission) => !isForItself(name, permission));
    expect(Object.fromEntries(others)).toEqual(GOLDEN[name]);
  });

  it('are each function’s own', () => {
    const roles = resourcesOf(template, 'AWS::Lambda::Function').map(({ properties }) =>
      resolved(properties['Role']),
    );
    expect(new Set(roles).size).toBe(names.length);
  });

  it('come from nowhere else: no role has managed policies, or policies of its own', () => {
    for (const { properties } of resourcesOf(template, 'AWS::IAM::Role')) {
      expect(properties).not.toHaveProperty('ManagedPolicyArns');
      expect(properties).not.toHaveProperty('Policies');
    }
    expect(resourcesOf(template, 'AWS::IAM::ManagedPolicy')).toEqual([]);
  });

  it('name every action, in no role of the stack by a wildcard', () => {
    const statements = allStatements(template);
    expect(statements.every(({ Effect }) => Effect === 'Allow')).toBe(true);
    const actions = statements.flatMap(({ Action }) => [Action].flat());
    expect(actions.filter((action) => !/^[a-z0-9]+:[A-Za-z]+$/.test(action))).toEqual([]);
  });
});
