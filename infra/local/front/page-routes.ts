import type { S3Client } from '@aws-sdk/client-s3';
import type { TokenIssuer } from '../api-gateway/token-issuer.ts';
import type { LocalSettings } from '../local-settings.ts';
import { SUPPORTED_SCOPES } from '../sign-in/authorization-request.ts';
import { createSignInRoute, signInMetadataUrl } from '../sign-in/sign-in-route.ts';
import { letPageReadPackages } from '../storage-access.ts';
import type { LocalRoute } from './local-front.ts';
import { createWebSiteRoute } from './web-site-route.ts';

export interface PageSurroundings {
  readonly settings: LocalSettings;
  readonly issuer: TokenIssuer;
  readonly s3: S3Client;
  /** Where links to packages lead. */
  readonly storageUrl: string;
}

/** The page and its sign-in, at the address where the front listens. */
export const pageRoutes = async (
  url: string,
  { settings, issuer, s3, storageUrl }: PageSurroundings,
): Promise<LocalRoute[]> => {
  // A storage of one's own is used as it is: whom it lets read is its owner's to say.
  if (settings.replaced.s3 === undefined) await letPageReadPackages(s3, settings.packagesBucket, url);
  const pageSettings = {
    issuer: issuer.issuer,
    metadataUrl: signInMetadataUrl(url),
    clientId: issuer.audience,
    scope: SUPPORTED_SCOPES.join(' '),
    apiUrl: url,
  };
  return [
    createSignInRoute({ url, issuer }),
    createWebSiteRoute({ settings: pageSettings, connectTo: [new URL(storageUrl).origin] }),
  ];
};
