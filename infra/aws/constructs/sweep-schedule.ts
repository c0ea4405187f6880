import { Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { SCHEDULED_FUNCTIONS } from '../../../shared/lambda/functions.ts';
import { statementOf } from '../permissions/grant.ts';

interface SweepScheduleProps {
  readonly sweepExports: IFunction;
  /** Where invocations go that sweep-exports cannot be given. */
  readonly deadLetterQueue: IQueue;
}

/** Runs sweep-exports every few minutes. */
export class SweepSchedule extends Construct {
  constructor(scope: Construct, id: string, { sweepExports, deadLetterQueue }: SweepScheduleProps) {
    super(scope, id);
    const { everyMinutes } = SCHEDULED_FUNCTIONS['sweep-exports'].schedule;
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('scheduler.amazonaws.com') });
    const grant = { actions: ['lambda:InvokeFunction'], resources: [sweepExports.functionArn] };
    role.addToPolicy(statementOf(grant));
    role.addToPolicy(statementOf({ actions: ['sqs:SendMessage'], resources: [deadLetterQueue.queueArn] }));
    new CfnSchedule(this, 'Schedule', {
      description: 'Finishes what exports have left half done, and removes packages whose time is over.',
      scheduleExpression: `rate(${everyMinutes} minutes)`,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: sweepExports.functionArn,
        roleArn: role.roleArn,
        deadLetterConfig: { arn: deadLetterQueue.queueArn },
        // The next sweep does what a missed one would have done.
        retryPolicy: {
          maximumEventAgeInSeconds: Duration.minutes(everyMinutes).toSeconds(),
          maximumRetryAttempts: 2,
        },
      },
    });
  }
}
