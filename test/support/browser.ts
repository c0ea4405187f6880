import { afterAll, beforeAll } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import { launchBrowser } from './launched-browser.ts';

export { hasBrowser, launchBrowser } from './launched-browser.ts';

/** One browser for a file's tests; each context is a person of its own, with nothing remembered. */
export const useBrowser = () => {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });
  return {
    newContext: (options: BrowserContextOptions = {}): Promise<BrowserContext> => {
      if (browser === undefined) throw new Error('The browser has not been started.');
      return browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', ...options });
    },
  };
};
