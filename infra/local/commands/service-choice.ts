import { localSettings } from '../local-settings.ts';
import { localTokenIssuer } from '../local-token-issuer.ts';
import { SAMPLE_USER_ID } from '../sample-household/household-plans.ts';
import { CommandFailed, WrongUse } from './command-line.ts';
import { findRunningService } from './data-folder.ts';

interface Wish {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  /** Of the local service. */
  readonly user?: string | undefined;
}

export interface ChosenService {
  readonly url: string;
  readonly token: string;
}

const given = (option: string | undefined, variable: string): string | undefined =>
  option ?? (process.env[variable] || undefined);

const checkedUrl = (url: string): string => {
  const { protocol } = URL.canParse(url) ? new URL(url) : { protocol: '' };
  if (protocol === 'http:' || protocol === 'https:') return url;
  throw new WrongUse(`The service's URL must start with http:// or https://, but is "${url}".`);
};

const checkedToken = (token: string): string => {
  if (/^[\x21-\x7e]+$/.test(token.trim())) return token.trim();
  throw new WrongUse('The token is not one: it holds characters that no token has.');
};

const isSameService = (one: string, other: string): boolean => new URL(one).origin === new URL(other).origin;

/**
 * The service to speak to and the token to show it. A token of the local issuer is made only for the local service and
 * never leaves this machine.
 * @throws WrongUse, CommandFailed
 */
export const chooseService = async (wish: Wish): Promise<ChosenService> => {
  if (wish.user !== undefined && wish.token !== undefined) {
    throw new WrongUse('Give --user or --token, not both: a token says whose it is.');
  }
  const wanted = given(wish.url, 'EXPORT_API_URL');
  const url = wanted === undefined ? undefined : checkedUrl(wanted);
  const token = wish.user === undefined ? given(wish.token, 'EXPORT_TOKEN') : undefined;
  if (url !== undefined && token !== undefined) return { url, token: checkedToken(token) };

  const { dataDir } = localSettings(process.env);
  const running = await findRunningService(dataDir);
  if (url !== undefined && (running === undefined || !isSameService(url, running.api))) {
    throw new WrongUse(`${url} is not the local service: give its token by EXPORT_TOKEN or --token.`);
  }
  if (running === undefined) {
    throw new CommandFailed(
      `No local service is running on ${dataDir}. Start one with npm start, or name a deployed one with --url.`,
    );
  }
  const issuer = await localTokenIssuer(dataDir);
  return {
    url: running.api,
    token: token === undefined ? await issuer.issueToken(wish.user ?? SAMPLE_USER_ID) : checkedToken(token),
  };
};
