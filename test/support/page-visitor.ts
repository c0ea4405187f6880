import type { BrowserContext, Page } from 'playwright-core';
import type { LocalSystem } from '../../infra/local/local-system.ts';

/** Somebody before the page, in a browser of their own. */
export interface Visitor {
  readonly page: Page;
  /** What must not happen on any page: errors, breaches of its policy, requests to anybody else. */
  readonly faults: readonly string[];
  /** Signs in at the local issuer, as a person does. */
  signIn(userId: string): Promise<void>;
}

/** Told by the browser of every request that is refused or gets no answer, which is what some tests are about. */
const OF_ANSWERS = 'Failed to load resource';

const watchFaults = (page: Page, ownHosts: readonly string[], faults: string[]): void => {
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !message.text().startsWith(OF_ANSWERS))
      faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== 'blob:' && !ownHosts.includes(host)) faults.push(`request to ${host}`);
  });
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (response.status() >= 400 && !/^\/export\b|\/packages\//.test(pathname))
      faults.push(`${response.status()} for ${pathname}`);
  });
};

/** Opens the page in a new tab. */
export const visit = async (
  context: BrowserContext,
  { apiUrl, endpoints }: Pick<LocalSystem, 'apiUrl' | 'endpoints'>,
  path = '/',
): Promise<Visitor> => {
  const page = await context.newPage();
  const faults: string[] = [];
  watchFaults(page, [new URL(apiUrl).host, new URL(endpoints.s3).host], faults);
  await page.goto(`${apiUrl}${path}`);
  return {
    page,
    faults,
    signIn: async (userId) => {
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByLabel('Somebody else, by user id').fill(userId);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'New export' }).waitFor();
    },
  };
};

/** A file of the person's choice without a dialog, which no test can answer: one in the browser's own storage. */
export const withFilePicker = async (context: BrowserContext): Promise<void> => {
  const content = `window.showSaveFilePicker = async ({ suggestedName }) =>
    (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });`;
  await context.addInitScript({ content });
};

export const withoutFilePicker = async (context: BrowserContext): Promise<void> => {
  await context.addInitScript({ content: 'window.showSaveFilePicker = undefined;' });
};

const READ_SAVED = `(async () => {
  for await (const [name, handle] of (await navigator.storage.getDirectory()).entries()) {
    const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
    return { name, base64: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) };
  }
})()`;

export interface SavedFile {
  readonly name: string;
  readonly base64: string;
}

/** The one file that was saved by `withFilePicker`. */
export const savedFile = (page: Page): Promise<SavedFile> => page.evaluate<SavedFile>(READ_SAVED);

const DROP = `(base64) => {
  const dataTransfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  dataTransfer.items.add(new File([bytes], 'dropped.zip', { type: 'application/zip' }));
  document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
}`;

/** Drops a file named `dropped.zip` on the page. */
export const dropFile = async (page: Page, base64: string): Promise<void> => {
  await page.evaluate(`(${DROP})(${JSON.stringify(base64)})`);
};

const SET_TOKEN = `(accessToken) => {
  const session = JSON.parse(sessionStorage.getItem('session'));
  sessionStorage.setItem('session', JSON.stringify({ ...session, accessToken }));
}`;

/** Comes back to the page with another access token, such as one whose time is over. */
export const returnWithToken = async (page: Page, accessToken: string): Promise<void> => {
  await page.evaluate(`(${SET_TOKEN})(${JSON.stringify(accessToken)})`);
  await page.reload();
};
