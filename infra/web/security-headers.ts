export interface PageSurroundings {
  /** Origins other than the page's own that it talks to: API, token issuer, storage. */
  readonly connectTo: readonly string[];
  /** Whether the file itself says what it may do, as the viewer does, which works without any server too. */
  readonly hasOwnPolicy?: boolean;
  /** Whether the page is served over TLS, which is everywhere but on one's own machine. */
  readonly isHttps: boolean;
}

/** What a page may load, send and be put into (Content Security Policy Level 3). */
const contentSecurityPolicy = ({ connectTo, isHttps, hasOwnPolicy = false }: PageSurroundings): string => {
  const framing = "frame-ancestors 'none'";
  if (hasOwnPolicy) return framing;
  return [
    "default-src 'none'",
    // Hashes of packages are computed by WebAssembly; no text becomes code.
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self'",
    // Packages are checked in a worker that is made from a blob.
    'worker-src blob:',
    ['connect-src', "'self'", ...new Set(connectTo)].join(' '),
    "form-action 'self'",
    "base-uri 'none'",
    framing,
    ...(isHttps ? ['upgrade-insecure-requests'] : []),
  ].join('; ');
};

const UNUSED_FEATURES = ['camera', 'geolocation', 'microphone', 'payment', 'usb'];

/** The headers of every file of the page, the same from whichever server. */
export const securityHeaders = (surroundings: PageSurroundings): Readonly<Record<string, string>> => ({
  'content-security-policy': contentSecurityPolicy(surroundings),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy': UNUSED_FEATURES.map((feature) => `${feature}=()`).join(', '),
  'cross-origin-opener-policy': 'same-origin',
  ...(surroundings.isHttps ? { 'strict-transport-security': 'max-age=63072000; includeSubDomains' } : {}),
});
