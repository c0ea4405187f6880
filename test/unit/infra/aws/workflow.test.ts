import { describe, expect, it } from '@jest/globals';
import { WORKFLOW_FUNCTIONS, type WorkflowFunction } from '../../../../shared/lambda/functions.ts';
import { placeholderFor, workflowDefinition } from '../../../../statemachine/definition.ts';
import { exportTemplate, resolved, resourcesOf } from '../../../support/export-template.ts';

const template = exportTemplate();
const [machine, ...others] = resourcesOf(template, 'AWS::StepFunctions::StateMachine');
const names = Object.keys(WORKFLOW_FUNCTIONS) as WorkflowFunction[];

const arnOf = (name: WorkflowFunction): string => {
  const lambda = resourcesOf(template, 'AWS::Lambda::Function').find(
    ({ properties }) => properties['FunctionName'] === `housef3-example-${name}`,
  );
  return resolved({ 'Fn::GetAtt': [lambda?.id, 'Arn'] });
};

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

const statements = (): readonly Statement[] => {
  const role = resolved(machine?.properties['RoleArn']).replace('.Arn', '');
  return resourcesOf(template, 'AWS::IAM::Policy')
    .filter(({ properties }) => (properties['Roles'] as unknown[]).map(resolved).includes(role))
    .flatMap(
      ({ properties }) => (properties['PolicyDocument'] as { Statement: readonly Statement[] }).Statement,
    );
};

describe('the state machine', () => {
  it('is a Standard workflow of the one definition, byte for byte', () => {
    expect(others).toEqual([]);
    expect(machine?.properties).toMatchObject({
      StateMachineName: 'housef3-example-export',
      StateMachineType: 'STANDARD',
      DefinitionString: workflowDefinition(),
    });
  });

  it('has each placeholder filled with the function of that name, and no other', () => {
    const substitutions = machine?.properties['DefinitionSubstitutions'] as Record<string, unknown>;
    const filled = Object.entries(substitutions).map(([name, value]) => [name, resolved(value)]);
    const wanted = names.map((name) => [placeholderFor(name), arnOf(name)]);
    expect(Object.fromEntries(filled)).toEqual(Object.fromEntries(wanted));
  });

  it('may invoke exactly its own functions', () => {
    const invoking = statements().filter(({ Action }) => [Action].flat().includes('lambda:InvokeFunction'));
    const resources = invoking.flatMap(({ Resource }) => [Resource].flat()).map(resolved);
    expect(resources.sort()).toEqual(names.map(arnOf).sort());
  });

  it('may do nothing else but trace and log', () => {
    const others = statements()
      .flatMap(({ Action }) => [Action].flat())
      .filter((action) => action !== 'lambda:InvokeFunction' && !/^(?:xray|logs):\w+$/.test(action));
    expect(others).toEqual([]);
  });

  it('is traced, and logs every state without its input and result', () => {
    expect(machine?.properties).toMatchObject({
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    });
  });
});
