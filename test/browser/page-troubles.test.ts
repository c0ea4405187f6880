import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { hasBrowser, useBrowser } from '../support/browser.ts';
import { HeldFunctions } from '../support/held-functions.ts';
import { userWithSmallHousehold } from '../support/page-states.ts';
import { visit, withFilePicker } from '../support/page-visitor.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';

const hasFocus = async (locator: Locator): Promise<boolean> =>
  (await locator.and(locator.page().locator(':focus')).count()) === 1;

(hasBrowser ? describe : describe.skip)('the export page, when something comes in between', () => {
  const browser = useBrowser();
  const functions = new HeldFunctions();
  let system: RunningSystem;
  let context: BrowserContext;

  beforeAll(async () => {
    system = await startRunningSystem({ invocationHook: functions });
  });
  afterAll(() => system.end());
  afterEach(async () => {
    functions.release();
    await context.close();
  });

  /** Somebody with a household who has just signed in. */
  const signedIn = async (): Promise<Page> => {
    context = await browser.newContext();
    await withFilePicker(context);
    const { page, signIn } = await visit(context, system);
    await signIn(await userWithSmallHousehold(system));
    return page;
  };
  const readyPackage = async (): Promise<Page> => {
    const page = await signedIn();
    await page.getByRole('button', { name: 'Start export' }).click();
    await page.getByRole('img', { name: /Transactions by month/ }).waitFor({ timeout: 30_000 });
    return page;
  };

  it('shows nobody else what was entered before the sign-in ended', async () => {
    const page = await signedIn();
    await page.getByText('More options').click();
    await page.getByLabel('A note to yourself').fill('Mine alone');
    await page.route(`${system.apiUrl}/export/preview**`, (route) => route.fulfill({ status: 401, json: {} }));
    await page.getByLabel(/^Accounts only/).check();
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await page.getByLabel('Somebody else, by user id').fill(await userWithSmallHousehold(system));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('More options').click();
    expect(await page.getByLabel('A note to yourself').inputValue()).toBe('');
    expect(await page.getByLabel(/^Everything/).isChecked()).toBe(true);
  });

  it('stops a download at once while it waits for the network', async () => {
    const page = await readyPackage();
    await page.route(`${system.endpoints.s3}/**`, (route) => route.abort('connectionreset'));
    await page.getByRole('button', { name: 'Download' }).click();
    await page.getByText('The connection broke off').waitFor();
    await context.setOffline(true);
    await page.getByText('You are offline').waitFor();
    await page.getByRole('button', { name: 'Stop the download' }).click();
    await page.getByText('The connection broke off').waitFor({ state: 'detached', timeout: 5000 });
    expect(await hasFocus(page.getByRole('button', { name: 'Download' }))).toBe(true);
  });

  it('goes on with a download while its person looks at something else', async () => {
    const page = await readyPackage();
    const letGo = Promise.withResolvers<undefined>();
    await page.route(`${system.endpoints.s3}/**`, async (route) => {
      await letGo.promise;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Download' }).click();
    await page.getByRole('progressbar', { name: 'Download' }).waitFor();
    expect(await hasFocus(page.getByRole('button', { name: 'Download', exact: true }))).toBe(true);
    await page.getByRole('link', { name: 'All exports' }).click();
    await page.getByRole('heading', { name: 'New export' }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Stop the download' }).waitFor();
    letGo.resolve(undefined);
    await page.getByRole('main').getByText('Saved and checked').waitFor();
  });
});
