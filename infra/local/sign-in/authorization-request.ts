/** The one client: the page, known by the address to which its people return. */
export interface SignInClient {
  readonly clientId: string;
  readonly redirectUri: string;
}

/** What a page asks for when it sends a person to sign in; names as in RFC 6749, RFC 7636 and OpenID Connect Core. */
export interface AuthorizationRequest {
  readonly scope: string;
  readonly state: string | undefined;
  readonly nonce: string | undefined;
  readonly codeChallenge: string;
}

/** Told to the person, never sent to an address that is not the client's (RFC 6749, section 4.1.2.1). */
export class UnknownClient extends Error {
  override readonly name = 'UnknownClient';
}

/** Told to the client at its address, or by the token endpoint in its answer; `error` is a code of RFC 6749. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused';
  readonly error: string;

  constructor(error: string, description: string) {
    super(description);
    this.error = error;
  }
}

export const SUPPORTED_SCOPES = ['openid', 'export'];

/** @throws SignInRefused where a parameter comes more than once (RFC 6749, section 3.1) */
export const onlyValue = (parameters: URLSearchParams, name: string): string | undefined => {
  const [value, ...others] = parameters.getAll(name);
  if (others.length > 0) throw new SignInRefused('invalid_request', `${name} is given more than once`);
  return value === '' ? undefined : value;
};

/** @throws UnknownClient where the client or the address to return to is not the one that is known */
export const checkClient = (parameters: URLSearchParams, client: SignInClient): void => {
  const [clients, addresses] = [parameters.getAll('client_id'), parameters.getAll('redirect_uri')];
  if (clients.length !== 1 || clients[0] !== client.clientId)
    throw new UnknownClient('The page that sent you here is not known here.');
  if (addresses.length !== 1 || addresses[0] !== client.redirectUri)
    throw new UnknownClient('The page that sent you here is not at the address that is known here.');
};

const checkedScope = (scope: string): string => {
  const unknown = scope.split(' ').find((name) => !SUPPORTED_SCOPES.includes(name));
  if (unknown === undefined) return scope;
  throw new SignInRefused('invalid_scope', `the scopes are ${SUPPORTED_SCOPES.join(' and ')}`);
};

const checkResponseType = (responseType: string | undefined): void => {
  if (responseType === undefined) throw new SignInRefused('invalid_request', 'response_type must be given');
  if (responseType !== 'code')
    throw new SignInRefused('unsupported_response_type', 'response_type must be code');
};

const checkedChallenge = (parameters: URLSearchParams): string => {
  const challenge = onlyValue(parameters, 'code_challenge') ?? '';
  if (onlyValue(parameters, 'code_challenge_method') !== 'S256' || !/^[\w-]{43}$/.test(challenge)) {
    throw new SignInRefused('invalid_request', 'code_challenge with code_challenge_method S256 is required');
  }
  return challenge;
};

/** @throws SignInRefused */
export const authorizationRequestOf = (parameters: URLSearchParams): AuthorizationRequest => {
  checkResponseType(onlyValue(parameters, 'response_type'));
  if (onlyValue(parameters, 'prompt') === 'none')
    throw new SignInRefused('login_required', 'a person has to choose who they are');
  return {
    scope: checkedScope(onlyValue(parameters, 'scope') ?? 'export'),
    state: onlyValue(parameters, 'state'),
    nonce: onlyValue(parameters, 'nonce'),
    codeChallenge: checkedChallenge(parameters),
  };
};
