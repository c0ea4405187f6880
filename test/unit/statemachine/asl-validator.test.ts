import { describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { workflowDefinition } from '../../../statemachine/definition.ts';

interface Verdict {
  readonly isValid: boolean;
  readonly errorsText: () => string;
}

// It has no types, and writes into what it is given.
const validate = createRequire(import.meta.url)('asl-validator') as (definition: object) => Verdict;

const FUNCTION_ARN = 'arn:aws:lambda:eu-central-1:111111111111:function:any';
const deployedText = workflowDefinition().replaceAll(/\$\{\w+\}/g, FUNCTION_ARN);
const verdictOn = (text: string): string => {
  expect(text).not.toBe('');
  const { isValid, errorsText } = validate(JSON.parse(text) as object);
  return isValid ? 'valid' : errorsText();
};

describe('the definition, as asl-validator sees it', () => {
  it('is valid', () => {
    expect(verdictOn(deployedText)).toBe('valid');
  });

  it.each([
    ['a path that is none', '"$.plan.planKey"', '"$.plan.[planKey"'],
    ['a field that no task has', '"TimeoutSeconds": 120', '"TimeoutSecond": 120'],
    [
      'a field that is there twice after all',
      '"planKey.$": "$.plan.planKey"',
      '"run": 1, "planKey.$": "$.plan.planKey"',
    ],
    ['a state that is not there', '"Next": "JoinPackage"', '"Next": "JoinPackages"'],
    ['a resource that is no ARN', FUNCTION_ARN, 'collect-accounts'],
  ])('would not be with %s', (_, right, wrong) => {
    expect(deployedText).toContain(right);
    expect(verdictOn(deployedText.replace(right, wrong))).not.toBe('valid');
  });
});
