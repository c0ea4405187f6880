import * as z from 'zod/mini';

/** `/config.json`: what the page has to know of its deployment, and nothing secret. */
export const pageSettings = z.strictObject({
  /** The `iss` of the tokens, an OpenID Connect issuer. */
  issuer: z.url(),
  /** Where the issuer's discovery document is, unless at its own well-known place. */
  metadataUrl: z.optional(z.url()),
  clientId: z.string(),
  /** What to ask for on signing in, with spaces; `openid` is in it. */
  scope: z.string(),
  apiUrl: z.url(),
});
export type PageSettings = z.infer<typeof pageSettings>;
