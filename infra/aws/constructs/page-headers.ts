import { Duration } from 'aws-cdk-lib';
import {
  HeadersReferrerPolicy,
  ResponseHeadersPolicy,
  type ResponseSecurityHeadersBehavior,
} from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import { securityHeaders, type PageSurroundings } from '../../web/security-headers.ts';

/** CloudFront has a setting for these, and refuses them among the headers of one's own (ResponseHeadersPolicy). */
const securitySettings = (headers: Readonly<Record<string, string>>): ResponseSecurityHeadersBehavior => {
  const {
    'content-security-policy': contentSecurityPolicy = '',
    'referrer-policy': wanted = '',
    'strict-transport-security': transport = '',
  } = headers;
  const referrerPolicy = Object.values(HeadersReferrerPolicy).find((policy: string) => policy === wanted);
  if (referrerPolicy === undefined) throw new Error(`CloudFront knows no referrer policy ${wanted}.`);
  return {
    contentSecurityPolicy: { contentSecurityPolicy, override: true },
    contentTypeOptions: { override: true },
    referrerPolicy: { referrerPolicy, override: true },
    strictTransportSecurity: {
      accessControlMaxAge: Duration.seconds(Number(/max-age=(\d+)/.exec(transport)?.[1])),
      includeSubdomains: transport.includes('includeSubDomains'),
      override: true,
    },
  };
};

const HAVE_SETTINGS = [
  'content-security-policy',
  'x-content-type-options',
  'referrer-policy',
  'strict-transport-security',
];

/** The page's security headers as CloudFront adds them to every file. */
export class PageHeaders extends ResponseHeadersPolicy {
  constructor(
    scope: Construct,
    id: string,
    { name, ...surroundings }: { readonly name: string } & Omit<PageSurroundings, 'isHttps'>,
  ) {
    const headers = securityHeaders({ ...surroundings, isHttps: true });
    super(scope, id, {
      responseHeadersPolicyName: name,
      securityHeadersBehavior: securitySettings(headers),
      customHeadersBehavior: {
        customHeaders: Object.entries(headers)
          .filter(([header]) => !HAVE_SETTINGS.includes(header))
          .map(([header, value]) => ({ header, value, override: true })),
      },
    });
  }
}
