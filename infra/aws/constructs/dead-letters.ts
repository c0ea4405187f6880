import { Duration } from 'aws-cdk-lib';
import { CfnEventInvokeConfig, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { statementOf } from '../permissions/grant.ts';

interface DeadLetterQueueProps {
  readonly prefix: string;
  /** Of what cannot be delivered. */
  readonly name: string;
}

interface DeadLettersProps extends DeadLetterQueueProps {
  readonly lambda: IFunction;
}

/** SQS keeps a message no longer. */
const KEPT = Duration.days(14);

/** What could not be delivered where it was to go, until a person has looked at it. */
export class DeadLetterQueue extends Queue {
  /** The queue's name after the prefix of all names. */
  readonly shortName: string;

  constructor(scope: Construct, id: string, { prefix, name }: DeadLetterQueueProps) {
    const shortName = `${name}-dead-letters`;
    super(scope, id, {
      queueName: `${prefix}-${shortName}`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: KEPT,
    });
    this.shortName = shortName;
  }
}

/**
 * The events that one function could not be given, or could not deal with after all its attempts: nobody waits for an answer
 * of a function that is invoked asynchronously, so nobody else would know.
 */
export class DeadLetters extends DeadLetterQueue {
  /** `name` is the function's own. */
  constructor(scope: Construct, id: string, { prefix, name, lambda }: DeadLettersProps) {
    super(scope, id, { prefix, name });
    lambda.addToRolePolicy(statementOf({ actions: ['sqs:SendMessage'], resources: [this.queueArn] }));
    const configuration = new CfnEventInvokeConfig(this, 'AsyncInvoke', {
      functionName: lambda.functionName,
      qualifier: '$LATEST',
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: this.queueArn } },
    });
    // Lambda refuses a destination that the function may not write to.
    if (lambda.role !== undefined) configuration.node.addDependency(lambda.role);
  }
}
