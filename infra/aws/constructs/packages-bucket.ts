import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  HttpMethods,
  ObjectOwnership,
  type CorsRule,
  type LifecycleRule,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { INTERIM_PREFIX, PACKAGES_PREFIX } from '../../../shared/domain/package-layout.ts';
import { STORAGE_CORS } from '../../web/storage-cors.ts';
import type { DeploymentContext } from '../deployment-context.ts';

/** The longest that a download link may live; a link never says more, and the bucket does not believe one that does. */
const LINK_MILLISECONDS = 15 * 60 * 1000;

/** S3 removes by whole days, and the sweeper long before it: these are for what no sweeper finds. */
const lifecycle = (retentionHours: number): LifecycleRule[] => [
  {
    id: 'packages',
    prefix: PACKAGES_PREFIX,
    expiration: Duration.days(Math.ceil(retentionHours / 24) + 1),
  },
  { id: 'interim', prefix: INTERIM_PREFIX, expiration: Duration.days(1) },
  { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
];

/** The page's own domain; CloudFront's for it is known only after this bucket, and each link is a secret of its own anyway. */
const pageOrigins = ({ page }: DeploymentContext): readonly string[] => {
  if (page === undefined) return [];
  return page.domain === undefined ? ['*'] : [`https://${page.domain.name}`];
};

const corsRules = (allowedOrigins: readonly string[]): CorsRule[] =>
  allowedOrigins.length === 0
    ? []
    : [
        {
          allowedOrigins: [...allowedOrigins],
          allowedMethods: STORAGE_CORS.methods.map((method) => HttpMethods[method]),
          allowedHeaders: [...STORAGE_CORS.requestHeaders],
          exposedHeaders: [...STORAGE_CORS.exposedHeaders],
        },
      ];

/** The bucket of interim objects and packages. Unversioned: what is deleted must be gone. */
export class PackagesBucket extends Bucket {
  constructor(scope: Construct, id: string, context: DeploymentContext) {
    const { packagesKeyArn } = context;
    super(scope, id, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: false,
      ...(packagesKeyArn === undefined
        ? { encryption: BucketEncryption.S3_MANAGED }
        : {
            encryption: BucketEncryption.KMS,
            encryptionKey: Key.fromKeyArn(scope, `${id}Key`, packagesKeyArn),
            bucketKeyEnabled: true,
          }),
      lifecycleRules: lifecycle(context.retentionHours),
      cors: corsRules([...context.corsOrigins, ...pageOrigins(context)]),
      removalPolicy: context.isProduction ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'RefuseOldLinks',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:*'],
        resources: [this.arnForObjects('*')],
        conditions: {
          StringEquals: { 's3:authType': 'REST-QUERY-STRING' },
          NumericGreaterThan: { 's3:signatureAge': LINK_MILLISECONDS },
        },
      }),
    );
  }
}
