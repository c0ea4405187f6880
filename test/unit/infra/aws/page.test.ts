import { describe, expect, it } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { securityHeaders } from '../../../../infra/web/security-headers.ts';
import { exportTemplate, pageTemplate, resolved, resourcesOf } from '../../../support/export-template.ts';

const CERTIFICATE = 'arn:aws:acm:us-east-1:111111111111:certificate/0f3c1d2e-0000-4000-8000-0123456789ab';
const NO_DOMAIN = { pageDomain: '', pageCertificateArn: '' };
const DOMAIN = { pageDomain: 'export.example.com', pageCertificateArn: CERTIFICATE };
const ISSUER = 'https://cognito-idp.eu-central-1.amazonaws.com';

/** CloudFront's own ids of the policies (Managed cache policies, Managed origin request policies). */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

const template = pageTemplate({ ...NO_DOMAIN, pageSignInOrigins: 'https://login.example.com' });
const withDomain = pageTemplate(DOMAIN);

interface HeadersConfig {
  readonly CustomHeadersConfig: { readonly Items: readonly { Header: string; Value: string }[] };
  readonly SecurityHeadersConfig: {
    readonly ContentSecurityPolicy: { readonly ContentSecurityPolicy: unknown };
    readonly ReferrerPolicy: { readonly ReferrerPolicy: string };
    readonly StrictTransportSecurity: { readonly AccessControlMaxAgeSec: number };
  };
}

const headersConfig = (id: string): HeadersConfig =>
  resourcesOf(template, 'AWS::CloudFront::ResponseHeadersPolicy').find(
    (policy) => resolved({ Ref: policy.id }) === id,
  )?.properties['ResponseHeadersPolicyConfig'] as HeadersConfig;

/** The markers that CDK replaces on deployment. */
const markersOf = (from = template): string[] =>
  resourcesOf(from, 'Custom::CDKBucketDeployment')
    .flatMap(({ properties }) => (properties['SourceMarkers'] ?? []) as Record<string, unknown>[])
    .flatMap((markers) => Object.values(markers).map(resolved));

describe('the page on AWS', () => {
  it('lies in a bucket that only its distribution reads', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 's3:GetObject',
            Effect: 'Allow',
            Principal: { Service: 'cloudfront.amazonaws.com' },
            Condition: { StringEquals: { 'AWS:SourceArn': Match.anyValue() } },
          }),
        ]),
      },
    });
  });

  it('has the API beside it: every method, every header but Host, and nothing kept', () => {
    for (const PathPattern of ['/export', '/export/*']) {
      template.hasResourceProperties('AWS::CloudFront::Distribution', {
        DistributionConfig: {
          CacheBehaviors: Match.arrayWith([
            Match.objectLike({
              PathPattern,
              AllowedMethods: Match.arrayWith(['GET', 'POST', 'DELETE']),
              CachePolicyId: CACHING_DISABLED,
              OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST_HEADER,
              ViewerProtocolPolicy: 'https-only',
            }),
          ]),
        },
      });
    }
  });

  it('has the same security headers as on one machine, and may talk to issuer and storage alone', () => {
    const connectTo = [ISSUER, 'https://login.example.com', 'https://packages.example.com'];
    const {
      'content-security-policy': contentSecurityPolicy,
      'referrer-policy': referrerPolicy,
      'strict-transport-security': transport,
      'x-content-type-options': contentTypeOptions,
      ...others
    } = securityHeaders({ connectTo, isHttps: true });
    const { CustomHeadersConfig, SecurityHeadersConfig } = headersConfig('Headers');
    expect(resolved(SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy)).toBe(
      contentSecurityPolicy,
    );
    expect(SecurityHeadersConfig.ReferrerPolicy.ReferrerPolicy).toBe(referrerPolicy);
    expect(transport).toContain(
      `max-age=${SecurityHeadersConfig.StrictTransportSecurity.AccessControlMaxAgeSec};`,
    );
    expect(contentTypeOptions).toBe('nosniff');
    expect(SecurityHeadersConfig).toMatchObject({ ContentTypeOptions: { Override: true } });
    expect(Object.fromEntries(CustomHeadersConfig.Items.map(({ Header, Value }) => [Header, Value]))).toEqual(
      others,
    );
  });

  it('lets the viewer, which says itself what it may do, be as it is', () => {
    const { ContentSecurityPolicy } = headersConfig('ViewerHeaders').SecurityHeadersConfig;
    expect(ContentSecurityPolicy.ContentSecurityPolicy).toBe("frame-ancestors 'none'");
    const [distribution] = resourcesOf(template, 'AWS::CloudFront::Distribution');
    const { CacheBehaviors } = distribution?.properties['DistributionConfig'] as {
      CacheBehaviors: { PathPattern: string; ResponseHeadersPolicyId?: unknown }[];
    };
    const viewer = CacheBehaviors.find(({ PathPattern }) => PathPattern === '/viewer.html');
    expect(resolved(viewer?.ResponseHeadersPolicyId)).toBe('ViewerHeaders');
  });

  it('keeps for ever what is named by its content, and asks for all else each time', () => {
    const [forEver, eachTime] = resourcesOf(template, 'Custom::CDKBucketDeployment').map(
      ({ properties }) => properties,
    );
    expect(forEver).toMatchObject({
      Exclude: ['*'],
      Include: ['assets/*'],
      Prune: false,
      SystemMetadata: { 'cache-control': 'public, max-age=31536000, immutable' },
    });
    expect(eachTime).toMatchObject({
      Exclude: ['assets/*'],
      SystemMetadata: { 'cache-control': 'no-cache' },
    });
  });

  it('tells the page that the API is where it is itself', () => {
    expect(markersOf()).toEqual(['Distribution.DomainName']);
    expect(markersOf(withDomain)).toEqual([]);
    expect(resolved(template.findOutputs('PageUrl')['PageUrl']?.['Value'])).toBe(
      'https://Distribution.DomainName/',
    );
    expect(resolved(withDomain.findOutputs('PageUrl')['PageUrl']?.['Value'])).toBe(
      'https://export.example.com/',
    );
  });

  it('has a domain of its own with TLS 1.2 at least, where there is a certificate', () => {
    withDomain.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        Aliases: ['export.example.com'],
        ViewerCertificate: {
          AcmCertificateArn: CERTIFICATE,
          MinimumProtocolVersion: 'TLSv1.2_2021',
          SslSupportMethod: 'sni-only',
        },
      },
    });
  });

  it('may fetch packages from their bucket', () => {
    const originsOf = (settings: Readonly<Record<string, unknown>>): unknown =>
      (
        resourcesOf(exportTemplate(settings), 'AWS::S3::Bucket')[0]?.properties['CorsConfiguration'] as
          { CorsRules: { AllowedOrigins: unknown }[] } | undefined
      )?.CorsRules[0]?.AllowedOrigins;
    expect(originsOf(DOMAIN)).toEqual(['https://app.example.com', 'https://export.example.com']);
    expect(originsOf(NO_DOMAIN)).toEqual(['https://app.example.com', '*']);
    expect(originsOf({ ...NO_DOMAIN, pageClientId: '' })).toEqual(['https://app.example.com']);
  });

  it('passes the rules that CDK itself has for it', () => {
    expect(() => pageTemplate(DOMAIN, { validated: true })).not.toThrow();
  });
});
