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
    const visitor = await visit(context, system);
    await visitor.signIn(await userWithSmallHousehold(system));
    return visitor.page;
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
    await page.route(`${system.apiUrl}/export/preview**`, (route) =>
      route.fulfill({ status: 401, json: {} }),
    );
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

  const refuse = async (page: Page, path: RegExp, method: string): Promise<void> => {
    await page.route(path, (route, request) =>
      request.method() === method
        ? route.fulfill({ status: 503, contentType: 'application/problem+json', json: { status: 503 } })
        : route.continue(),
    );
  };

  it('leaves the focus where it was when something could not be done', async () => {
    const page = await readyPackage();
    await refuse(page, /\/export(\/[^/]+)?$/, 'DELETE');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete export' }).click();
    await page.getByText('Something went wrong on our side').waitFor();
    expect(await hasFocus(page.getByRole('button', { name: 'Delete', exact: true }))).toBe(true);
    await page.getByRole('link', { name: 'All exports' }).click();
    await refuse(page, /\/export$/, 'POST');
    await page.getByRole('button', { name: 'Start export' }).click();
    await page.getByText('Something went wrong on our side').waitFor();
    expect(await hasFocus(page.getByRole('button', { name: 'Start export' }))).toBe(true);
  });

  it('puts the focus on what came of it when the button that was pressed goes', async () => {
    functions.hold('collect-accounts');
    const page = await signedIn();
    await page.getByRole('button', { name: 'Start export' }).click();
    await page.getByRole('button', { name: 'Cancel export' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel export' }).click();
    await page.getByText('It is being removed.').waitFor();
    expect(await hasFocus(page.getByRole('heading', { level: 1 }))).toBe(true);
  });

  it('lets dates be chosen while accounts and categories cannot be read', async () => {
    const page = await signedIn();
    await refuse(page, /\/export\/preview/, 'GET');
    await page.reload();
    await page.getByLabel(/^A selection/).check();
    await page.getByText('cannot be read just now').waitFor();
    await page.getByLabel('Which dates').selectOption('Last year');
    await page.getByRole('button', { name: 'Start export' }).click();
    await page.getByRole('button', { name: 'Download' }).waitFor({ timeout: 30_000 });
  });

  it('says that there is nothing to export rather than that it takes no bytes', async () => {
    context = await browser.newContext();
    const visitor = await visit(context, system);
    await visitor.signIn('somebody-with-nothing');
    await visitor.page.getByText('There is nothing to export yet.').waitFor();
  });

  it('does not show again what was deleted when an answer from before comes late', async () => {
    const page = await readyPackage();
    const late = Promise.withResolvers<undefined>();
    let asked = 0;
    await page.route(/\/export(\?.*)?$/, async (route) => {
      const isFirst = asked++ === 0;
      const response = await route.fetch();
      if (isFirst) await late.promise;
      await route.fulfill({ response });
    });
    await page.evaluate("dispatchEvent(new Event('online'))");
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete export' }).click();
    await page.getByText('This export is gone').waitFor();
    const answered = page.waitForResponse(/\/export(\?.*)?$/);
    late.resolve(undefined);
    await (await answered).finished();
    await page.getByRole('link', { name: 'All exports' }).click();
    await page.getByRole('heading', { name: 'Your exports', exact: true }).waitFor();
    expect(await page.getByRole('main').getByRole('listitem').count()).toBe(0);
  });

  it('puts the focus on the first older export when there are no more to show', async () => {
    const page = await signedIn();
    const item = (number: number) => ({
      ...{ exportId: `export-${number}`, status: 'failed', progress: 0, exportType: 'complete' },
      ...{ exportFormat: 'zip', description: `Number ${number}`, requestedAt: 1_700_000_000_000 - number },
      ...{ completedAt: null, expiresAt: null, packageSize: null },
    });
    await page.route(/\/export(\?.*)?$/, (route, request) =>
      route.fulfill({
        json: request.url().includes('nextToken')
          ? { exports: [item(3), item(4)], hasMore: false, nextToken: null }
          : { exports: [item(1), item(2)], hasMore: true, nextToken: 'more' },
      }),
    );
    await page.reload();
    await page.getByRole('button', { name: 'Show older exports' }).click();
    await page.getByRole('link', { name: 'Number 4' }).waitFor();
    expect(await hasFocus(page.getByRole('link', { name: 'Number 3' }))).toBe(true);
  });

  it('names the tab after what is shown', async () => {
    const page = await readyPackage();
    expect(await page.title()).toBe('Everything – Export your data');
    await page.getByRole('link', { name: 'Check a package' }).click();
    await page.getByRole('heading', { name: 'Check a package', exact: true }).waitFor();
    expect(await page.title()).toBe('Check a package – Export your data');
    await page.goBack();
    await page.getByRole('link', { name: 'All exports' }).click();
    await page.getByRole('heading', { name: 'New export' }).waitFor();
    expect(await page.title()).toBe('Export your data');
  });
});
