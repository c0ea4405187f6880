import * as oauth from 'oauth4webapi';
import type { PageSettings } from '../../page-settings.ts';
import { isRecord } from './is-record.ts';
import { forget, keep, kept, type Session } from './session.ts';

/** What has to be remembered while the person is at the issuer. */
interface Pending {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  /** The fragment to come back to. */
  readonly returnTo: string;
}

const PENDING = 'sign-in';

/** Signing in did not work; the message is for people. */
export class SignInFailed extends Error {
  override readonly name = 'SignInFailed';
}

const redirectUri = (): string => `${location.origin}/`;

/** Only a page that is served without TLS itself, as on one's own machine, asks an issuer without TLS. */
const requestOptions = () => ({
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so for not being for production; see above.
  [oauth.allowInsecureRequests]: location.protocol === 'http:',
});

const discovered = async ({ issuer, metadataUrl }: PageSettings): Promise<oauth.AuthorizationServer> => {
  const expected = new URL(issuer);
  const response = await (metadataUrl === undefined
    ? oauth.discoveryRequest(expected, requestOptions())
    : fetch(metadataUrl, { headers: { accept: 'application/json' } }));
  return oauth.processDiscoveryResponse(expected, response);
};

const clientOf = ({ clientId }: PageSettings): oauth.Client => ({ client_id: clientId });

/** Leaves the page for the issuer; `returnTo` is the fragment to come back to, `hint` who it may be. */
export const beginSignIn = async (settings: PageSettings, returnTo: string, hint?: string): Promise<void> => {
  const { authorization_endpoint: endpoint } = await discovered(settings);
  if (endpoint === undefined) throw new SignInFailed('The sign-in of this service is not set up.');
  const pending: Pending = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    returnTo,
  };
  keep(PENDING, pending);
  const target = new URL(endpoint);
  const parameters = {
    client_id: settings.clientId,
    redirect_uri: redirectUri(),
    response_type: 'code',
    scope: settings.scope,
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
    ...(hint === undefined ? {} : { login_hint: hint }),
  };
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
  location.assign(target);
};

const pendingSignIn = (): Pending => {
  const value = kept(PENDING);
  forget(PENDING);
  if (isRecord(value)) {
    const { verifier, state, nonce, returnTo } = value;
    if (typeof verifier === 'string' && typeof state === 'string' && typeof nonce === 'string') {
      return { verifier, state, nonce, returnTo: typeof returnTo === 'string' ? returnTo : '' };
    }
  }
  throw new SignInFailed('This sign-in was not begun in this tab. Please sign in here.');
};

const sessionOf = (tokens: oauth.TokenEndpointResponse): Session => {
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  if (claims === undefined || tokens.id_token === undefined) {
    throw new SignInFailed('The sign-in did not say who you are.');
  }
  const lifetime = tokens.expires_in ?? claims.exp - claims.iat;
  return {
    accessToken: tokens.access_token,
    idToken: tokens.id_token,
    userId: claims.sub,
    expiresAt: Date.now() + lifetime * 1000,
  };
};

const exchanged = async (settings: PageSettings, address: URL, pending: Pending): Promise<Session> => {
  const [server, client] = [await discovered(settings), clientOf(settings)];
  const callback = oauth.validateAuthResponse(server, client, address, pending.state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    callback,
    redirectUri(),
    pending.verifier,
    requestOptions(),
  );
  const checks = { expectedNonce: pending.nonce, requireIdToken: true };
  return sessionOf(await oauth.processAuthorizationCodeResponse(server, client, response, checks));
};

/** Somebody who has come back from the issuer, and the fragment they left from. */
export interface SignedIn {
  readonly session: Session;
  readonly returnTo: string;
}

/** Takes up what the issuer has sent the person back with. @throws SignInFailed */
export const finishSignIn = async (settings: PageSettings, address: URL): Promise<SignedIn> => {
  const pending = pendingSignIn();
  try {
    return { session: await exchanged(settings, address, pending), returnTo: pending.returnTo };
  } catch (error) {
    if (error instanceof SignInFailed) throw error;
    throw new SignInFailed('Signing in did not work. Please try again.', { cause: error });
  }
};

/** Leaves the page for the issuer, so that it forgets the person too, where it can be asked to. */
export const endSession = async (settings: PageSettings, { idToken }: Session): Promise<void> => {
  const { end_session_endpoint: endpoint } = await discovered(settings);
  if (endpoint === undefined) return;
  const target = new URL(endpoint);
  target.searchParams.set('id_token_hint', idToken);
  target.searchParams.set('client_id', settings.clientId);
  target.searchParams.set('post_logout_redirect_uri', redirectUri());
  location.assign(target);
};
