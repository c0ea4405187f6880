import { ArnFormat, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, type Attribute } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { BlockPublicAccess, Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ApplicationTable, DeploymentContext } from './deployment-context.ts';

/** What a function needs to know of a resource: how it asks for it, and what it is permitted by. */
export interface NamedResource {
  readonly name: string;
  readonly arn: string;
}

/** What belongs to the household application: read, never written to, but for events that are put on its bus. */
export interface ApplicationResources {
  readonly tables: Readonly<Record<ApplicationTable, NamedResource>>;
  readonly fileBucket: NamedResource;
  readonly eventBus: NamedResource;
}

/** By its ARN a resource of another account can be asked for too, so a function is told what was given. */
const imported = (given: string, arnFromName: (name: string) => string): NamedResource => ({
  name: given,
  arn: given.startsWith('arn:') ? given : arnFromName(given),
});

/** The application's resources as they stand, made by somebody else. */
export const importedResources = (stack: Stack, context: DeploymentContext): ApplicationResources => {
  const arnOf = (service: string, resource: string) => (resourceName: string) =>
    stack.formatArn({ service, resource, resourceName });
  const table = (name: ApplicationTable) => imported(context.tables[name], arnOf('dynamodb', 'table'));
  const bucketName = context.fileBucket.split(':').at(-1) ?? '';
  return {
    tables: {
      ACCOUNTS_TABLE: table('ACCOUNTS_TABLE'),
      TRANSACTIONS_TABLE: table('TRANSACTIONS_TABLE'),
      CATEGORIES_TABLE_NAME: table('CATEGORIES_TABLE_NAME'),
      FILE_MAPS_TABLE: table('FILE_MAPS_TABLE'),
      FILES_TABLE: table('FILES_TABLE'),
      ANALYTICS_DATA_TABLE: table('ANALYTICS_DATA_TABLE'),
    },
    fileBucket: {
      name: bucketName,
      arn: stack.formatArn({
        ...{ service: 's3', account: '', region: '', resource: bucketName },
        arnFormat: ArnFormat.NO_RESOURCE_NAME,
      }),
    },
    eventBus: imported(context.eventBus, arnOf('events', 'event-bus')),
  };
};

const text = (name: string): Attribute => ({ name, type: AttributeType.STRING });
const number = (name: string): Attribute => ({ name, type: AttributeType.NUMBER });

interface TableShape {
  readonly key: readonly [Attribute, Attribute?];
  readonly indexes: Readonly<Record<string, readonly [Attribute, Attribute?]>>;
}

/** As the application makes them (data contract, application tables). */
const SHAPES: Readonly<Record<ApplicationTable, TableShape>> = {
  ACCOUNTS_TABLE: {
    key: [text('accountId')],
    indexes: { UserIdIndex: [text('userId'), number('createdAt')] },
  },
  TRANSACTIONS_TABLE: {
    key: [text('transactionId')],
    indexes: {
      UserIdIndex: [text('userId'), number('date')],
      AccountDateIndex: [text('accountId'), number('date')],
    },
  },
  CATEGORIES_TABLE_NAME: {
    key: [text('categoryId')],
    indexes: { UserIdIndex: [text('userId'), text('name')] },
  },
  FILE_MAPS_TABLE: { key: [text('fileMapId')], indexes: { UserIdIndex: [text('userId')] } },
  FILES_TABLE: { key: [text('fileId')], indexes: { UserIdIndex: [text('userId')] } },
  ANALYTICS_DATA_TABLE: {
    key: [text('pk'), text('sk')],
    indexes: { UserAnalyticsIndex: [text('userId'), text('analyticType')] },
  },
};

const keysOf = ([partitionKey, sortKey]: readonly [Attribute, Attribute?]) => ({
  partitionKey,
  ...(sortKey === undefined ? {} : { sortKey }),
});

/** The application's resources where there is no application: empty, under the names it would give them. */
export class SandboxApplication extends Construct {
  readonly resources: ApplicationResources;

  constructor(scope: Construct, id: string, context: DeploymentContext) {
    super(scope, id);
    const table = (name: ApplicationTable) => this.#table(name, context.tables[name]);
    const bucket = new Bucket(this, 'FileBucket', {
      bucketName: context.fileBucket,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const bus = new EventBus(this, 'EventBus', { eventBusName: context.eventBus });
    this.resources = {
      tables: {
        ACCOUNTS_TABLE: table('ACCOUNTS_TABLE'),
        TRANSACTIONS_TABLE: table('TRANSACTIONS_TABLE'),
        CATEGORIES_TABLE_NAME: table('CATEGORIES_TABLE_NAME'),
        FILE_MAPS_TABLE: table('FILE_MAPS_TABLE'),
        FILES_TABLE: table('FILES_TABLE'),
        ANALYTICS_DATA_TABLE: table('ANALYTICS_DATA_TABLE'),
      },
      fileBucket: { name: bucket.bucketName, arn: bucket.bucketArn },
      eventBus: { name: bus.eventBusName, arn: bus.eventBusArn },
    };
  }

  #table(name: ApplicationTable, tableName: string): NamedResource {
    const { key, indexes } = SHAPES[name];
    const table = new Table(this, name, {
      tableName,
      ...keysOf(key),
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    for (const [indexName, index] of Object.entries(indexes)) {
      table.addGlobalSecondaryIndex({ indexName, ...keysOf(index), projectionType: ProjectionType.ALL });
    }
    return { name: table.tableName, arn: table.tableArn };
  }
}
