import { describe, expect, it } from '@jest/globals';
import { operatorAccess } from '../../../../../infra/local/commands/operator-access.ts';

const ON_AWS = 'arn:aws:states:eu-west-3:123456789012:stateMachine:housef3-dev-export';

describe('an operator’s access', () => {
  it('is to AWS, in the region of the workflow, when that is in an account there', async () => {
    const access = await operatorAccess({ stateMachine: ON_AWS, jobsTable: 'jobs' });
    expect(access).toMatchObject({ stateMachineArn: ON_AWS, jobsTable: 'jobs' });
    const { sfn, dynamodb } = access;
    expect([await sfn.config.region(), await dynamodb.config.region()]).toEqual(['eu-west-3', 'eu-west-3']);
    // A local endpoint is given outright; on AWS the SDK finds its own.
    expect([sfn.config.endpoint, dynamodb.config.endpoint]).toEqual([undefined, undefined]);
  });

  it('is refused without the table’s name, and to what is no state machine', async () => {
    await expect(operatorAccess({ stateMachine: ON_AWS })).rejects.toMatchObject({ name: 'WrongUse' });
    await expect(
      operatorAccess({ stateMachine: 'housef3-dev-export', jobsTable: 'jobs' }),
    ).rejects.toMatchObject({
      name: 'WrongUse',
    });
  });
});
