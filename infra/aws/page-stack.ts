import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  HttpVersion,
  OriginRequestPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
  type BehaviorOptions,
  type DistributionProps,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectOwnership,
  type IBucket,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { PageFiles } from './constructs/page-files.ts';
import { PageHeaders } from './constructs/page-headers.ts';
import { namePrefix, type DeploymentContext, type PageSettings } from './deployment-context.ts';
import { acknowledgePageFindings } from './findings.ts';

/** What the page needs of the export's own stack. */
export interface ServedExport {
  /** Host of the HTTP API, without scheme and path. */
  readonly apiHost: string;
  /** Where browsers fetch packages from: scheme and host of their bucket. */
  readonly packagesOrigin: string;
}

const withDomain = ({ domain }: PageSettings, scope: Construct): Partial<DistributionProps> =>
  domain === undefined
    ? {}
    : {
        domainNames: [domain.name],
        certificate: Certificate.fromCertificateArn(scope, 'Certificate', domain.certificateArn),
        minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      };

/** The API under the page's own origin, so that it needs no CORS; nothing of it is ever kept. */
const apiBehavior = (apiHost: string): BehaviorOptions => ({
  origin: new HttpOrigin(apiHost),
  viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
  allowedMethods: AllowedMethods.ALLOW_ALL,
  cachePolicy: CachePolicy.CACHING_DISABLED,
  originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
});

/** All in it can be made again from the source. */
const filesBucket = (scope: Construct): IBucket =>
  // @ts-expect-error -- CDK declares isWebsite of Bucket and of IBucket differently under exactOptionalPropertyTypes.
  new Bucket(scope, 'Files', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy: RemovalPolicy.DESTROY,
  });

const filesBehavior = (bucket: IBucket) => ({
  origin: S3BucketOrigin.withOriginAccessControl(bucket),
  viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
  cachePolicy: CachePolicy.CACHING_OPTIMIZED,
});

/** The export page: static files in a bucket of their own, and the API beside them, behind one CloudFront distribution. */
export class ExportPageStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { context, page, served }: { context: DeploymentContext; page: PageSettings; served: ServedExport },
  ) {
    super(scope, id, { env: { region: context.region } });
    const bucket = filesBucket(this);
    const name = `${namePrefix(context)}-export-page`;
    const files = filesBehavior(bucket);
    const headers = new PageHeaders(this, 'Headers', {
      name,
      connectTo: [new URL(context.jwtIssuer).origin, ...page.signInOrigins, served.packagesOrigin],
    });
    const viewerHeaders = new PageHeaders(this, 'ViewerHeaders', {
      ...{ name: `${name}-viewer`, connectTo: [], hasOwnPolicy: true },
    });
    const api = apiBehavior(served.apiHost);
    const distribution = new Distribution(this, 'Distribution', {
      comment: name,
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: { ...files, responseHeadersPolicy: headers },
      additionalBehaviors: {
        ...{ '/export': api, '/export/*': api },
        '/viewer.html': { ...files, responseHeadersPolicy: viewerHeaders },
      },
      ...withDomain(page, this),
    });
    const url = `https://${page.domain?.name ?? distribution.distributionDomainName}`;
    new PageFiles(this, 'Site', {
      ...{ bucket, distribution },
      settings: { issuer: context.jwtIssuer, clientId: page.clientId, scope: page.scope, apiUrl: url },
    });
    acknowledgePageFindings(this, {
      ...{ bucketArn: bucket.bucketArn, hasDomain: page.domain !== undefined },
    });
    new CfnOutput(this, 'PageUrl', {
      description: 'Where people export their data; the redirect URI to register with the issuer.',
      value: `${url}/`,
    });
    new CfnOutput(this, 'PageFilesBucketName', { value: bucket.bucketName });
  }
}
