import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

interface FailedExecutionsProps {
  readonly stateMachine: IStateMachine;
  readonly failExport: IFunction;
  /** Where events go that fail-export cannot be given. */
  readonly deadLetterQueue: IQueue;
}

/** Executions that end where no Catch sees it, because somebody stopped them or their time was over, end their job too. */
export class FailedExecutions extends Rule {
  constructor(
    scope: Construct,
    id: string,
    { stateMachine, failExport, deadLetterQueue }: FailedExecutionsProps,
  ) {
    super(scope, id, {
      description: 'Tells fail-export of executions that ended without completing their export.',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
          stateMachineArn: [stateMachine.stateMachineArn],
        },
      },
      targets: [new LambdaFunction(failExport, { deadLetterQueue })],
    });
  }
}
