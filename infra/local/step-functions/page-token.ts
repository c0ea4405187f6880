import { RequestRefused } from '../aws-json-endpoint.ts';

interface PageRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** AWS's page size when none is asked for; 0 asks for none. */
const DEFAULT_PAGE_SIZE = 100;

/**
 * One page of a list. The token names the last item of the page before, by its key, so a page stays right when items are added at
 * the beginning. Throws RequestRefused `InvalidToken`.
 */
export const pageOf = <T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { maxResults, nextToken }: PageRequest,
): { page: readonly T[]; nextToken: string | undefined } => {
  const lastKey = nextToken === undefined ? undefined : Buffer.from(nextToken, 'base64url').toString('utf8');
  const lastIndex = lastKey === undefined ? -1 : items.findIndex((item) => keyOf(item) === lastKey);
  if (lastKey !== undefined && lastIndex === -1) {
    throw new RequestRefused('InvalidToken', `Invalid Token: '${nextToken ?? ''}'`);
  }
  const page = items.slice(lastIndex + 1, lastIndex + 1 + (maxResults || DEFAULT_PAGE_SIZE));
  const last = page.at(-1);
  const more = last !== undefined && lastIndex + 1 + page.length < items.length;
  return { page, nextToken: more ? Buffer.from(keyOf(last)).toString('base64url') : undefined };
};
