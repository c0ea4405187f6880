import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { BrowserContext, Locator, Page, Request } from 'playwright-core';
import { hasBrowser, useBrowser } from '../support/browser.ts';
import { ExportApi } from '../support/export-api.ts';
import { HeldFunctions } from '../support/held-functions.ts';
import {
  dropFile,
  returnWithToken,
  savedFile,
  visit,
  withFilePicker,
  withoutFilePicker,
  type Visitor,
} from '../support/page-visitor.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';
import { seedSmallHousehold } from '../support/small-household.ts';

const hasFocus = async (locator: Locator): Promise<boolean> =>
  (await locator.and(locator.page().locator(':focus')).count()) === 1;

(hasBrowser ? describe : describe.skip)('the export page', () => {
  const browser = useBrowser();
  const functions = new HeldFunctions();
  let system: RunningSystem;
  const visitors: Visitor[] = [];
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    system = await startRunningSystem({ invocationHook: functions });
    // Starts every function, which takes its time on a busy machine, so that no test has to wait for it.
    const api = await apiOf(await newUser());
    await api.ended(await api.start({ includeAnalytics: true }));
  });
  afterAll(() => system.end());
  afterEach(async () => {
    functions.release();
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    expect(visitors.splice(0).flatMap(({ faults }) => faults)).toEqual([]);
  });

  const newContext = async (): Promise<BrowserContext> => {
    const context = await browser.newContext();
    contexts.push(context);
    return context;
  };
  const newVisitor = async (context: BrowserContext, path?: string): Promise<Visitor> => {
    const visitor = await visit(context, system, path);
    visitors.push(visitor);
    return visitor;
  };
  const newUser = async (): Promise<string> => {
    const userId = `user-${randomUUID()}`;
    await seedSmallHousehold(system.clients, system.settings, userId);
    return userId;
  };
  /** Somebody with a household who has just signed in. */
  const signedIn = async (prepare?: (context: BrowserContext) => Promise<void>) => {
    const [userId, context] = [await newUser(), await newContext()];
    await prepare?.(context);
    const visitor = await newVisitor(context);
    await visitor.signIn(userId);
    return { ...visitor, userId, context };
  };
  const apiOf = async (userId: string) => new ExportApi(system.apiUrl, await system.issueToken(userId));

  const startExport = (page: Page): Promise<void> =>
    page.getByRole('button', { name: 'Start export' }).click();
  const ready = (page: Page): Promise<void> =>
    page.getByRole('button', { name: 'Download' }).waitFor({ timeout: 60_000 });
  const confirmed = async (page: Page, action: string, answer: string): Promise<void> => {
    await page.getByRole('button', { name: action }).click();
    await page.getByRole('dialog').getByRole('button', { name: answer }).click();
  };

  it('leads from signing in to a package saved whole and proven, and deletes it', async () => {
    const { page, userId } = await signedIn(withFilePicker);
    expect(new URL(page.url()).search).toBe('');
    await page.getByText('1 account, 1 statement, 1 transaction').waitFor();
    await page.getByText(/^Will be about/).waitFor();
    await startExport(page);
    await page.getByRole('progressbar', { name: 'Progress of the export' }).waitFor();
    await ready(page);
    await page.getByRole('img', { name: /Transactions by month, November 2023/ }).waitFor();
    await page.getByText('Nothing is missing').waitFor();
    await page.getByRole('button', { name: 'Download' }).click();
    await page.getByRole('main').getByText('Saved and checked').waitFor();

    const api = await apiOf(userId);
    const exportId = String(new URL(page.url()).hash.split('/').at(-1));
    const { sha256, packageSize } = (await api.status(exportId)).body;
    const saved = await savedFile(page);
    const bytes = Buffer.from(saved.base64, 'base64');
    expect(saved.name).toMatch(/^household-export-\d{4}-\d\d-\d\d\.zip$/);
    expect({ sha256: createHash('sha256').update(bytes).digest('hex'), packageSize: bytes.length }).toEqual({
      sha256,
      packageSize,
    });

    await confirmed(page, 'Delete', 'Delete export');
    await page.getByRole('heading', { name: 'This export is gone' }).waitFor();
    expect((await api.status(exportId)).status).toBe(404);
    await page.getByRole('link', { name: 'All exports' }).click();
    await page.getByText('You have no exports yet').waitFor();
  });

  it('goes on with a download that broke off, under a fresh link when the first one is over', async () => {
    const { page } = await signedIn(withFilePicker);
    await startExport(page);
    await ready(page);
    await page.getByRole('img', { name: /Transactions by month/ }).waitFor();
    const asked: Request[] = [];
    await page.route(`${system.endpoints.s3}/**`, async (route, request) => {
      asked.push(request);
      const response = await route.fetch();
      const body = await response.body();
      const headers = { ...response.headers(), 'content-length': '100' };
      if (asked.length === 1) await route.fulfill({ response, headers, body: body.subarray(0, 100) });
      else if (asked.length === 2) await route.fulfill({ response, status: 403, body: '' });
      else await route.fulfill({ response, body });
    });
    await page.getByRole('button', { name: 'Download' }).click();
    await page.getByRole('main').getByText('Saved and checked').waitFor();
    const [first, second, third] = asked;
    expect([first?.headers()['range'], second?.headers()['range']]).toEqual([undefined, 'bytes=100-']);
    expect(third?.headers()).toMatchObject({ range: 'bytes=100-', 'if-match': expect.stringMatching(/^"/) });
    expect(new Set(asked.map((request) => request.url())).size).toBe(3);
  });

  it('says so when what was saved is not the package', async () => {
    const { page } = await signedIn(withFilePicker);
    await startExport(page);
    await ready(page);
    await page.getByRole('img', { name: /Transactions by month/ }).waitFor();
    await page.route(`${system.endpoints.s3}/**`, async (route) => {
      const response = await route.fetch();
      const body = await response.body();
      body[50] = (body[50] ?? 0) ^ 1;
      await route.fulfill({ response, body });
    });
    await page.getByRole('button', { name: 'Download' }).click();
    await page.getByRole('main').getByText('Saved, but damaged on the way').waitFor();
  });

  it('leaves the download to a browser that cannot save to a chosen file', async () => {
    const { page } = await signedIn(withoutFilePicker);
    await startExport(page);
    await ready(page);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.zip$/);
    expect((await readFile(await download.path())).subarray(0, 2).toString()).toBe('PK');
  });

  it('sends what was chosen, by the calendar of the person', async () => {
    const { page, userId } = await signedIn();
    await page.getByLabel(/^A selection/).check();
    await page.getByRole('group', { name: 'Accounts' }).getByLabel('Current').check();
    await page.getByLabel('Which dates').selectOption('Other dates');
    await page.getByLabel('From', { exact: true }).fill('2023-11-01');
    await page.getByLabel('To', { exact: true }).fill('2023-10-01');
    await page.getByText('The first day is after the last one.').waitFor();
    expect(await page.getByRole('button', { name: 'Start export' }).isDisabled()).toBe(true);
    await page.getByLabel('To', { exact: true }).fill('2023-11-30');
    await page.getByText('More options').click();
    await page.getByLabel('Tables for spreadsheets').check();
    await page.getByLabel('A note to yourself').fill('For the tax office');
    const [request] = await Promise.all([
      page.waitForRequest((one) => one.method() === 'POST' && one.url().endsWith('/export')),
      startExport(page),
    ]);
    expect(request.postDataJSON()).toMatchObject({
      exportType: 'selective',
      accountIds: [expect.any(String)],
      dateRangeStart: Date.UTC(2023, 10, 1),
      dateRangeEnd: Date.UTC(2023, 11, 1) - 1,
      includeCsv: true,
      description: 'For the tax office',
    });
    await page.getByRole('heading', { name: 'For the tax office' }).waitFor();
    await ready(page);
    const { exports } = (await (await apiOf(userId)).call('GET', '/export')).body as { exports: unknown[] };
    expect(exports).toHaveLength(1);
  });

  it('sends a click whose answer was lost again under its key, and another click under another', async () => {
    const { page } = await signedIn();
    const keys: (string | undefined)[] = [];
    await page.route(`${system.apiUrl}/export`, async (route, request) => {
      if (request.method() !== 'POST') return route.continue();
      keys.push(request.headers()['idempotency-key']);
      if (keys.length > 1) return route.continue();
      await route.fetch();
      return route.abort('connectionreset');
    });
    await startExport(page);
    await page.getByText('The service cannot be reached').waitFor();
    await startExport(page);
    await page.getByRole('link', { name: 'All exports' }).click();
    await startExport(page);
    await page.getByRole('link', { name: 'All exports' }).waitFor();
    expect(keys).toEqual([expect.any(String), keys[0], expect.any(String)]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it('cancels an export that is running, and tells what becomes of it', async () => {
    functions.hold('collect-accounts');
    const { page } = await signedIn();
    await startExport(page);
    await page.getByRole('main').getByText('Collecting your records').waitFor();
    await confirmed(page, 'Cancel export', 'Let it go on');
    expect(await hasFocus(page.getByRole('button', { name: 'Cancel export' }))).toBe(true);
    await confirmed(page, 'Cancel export', 'Cancel export');
    await page.getByText('It is being removed.').waitFor();
    await page.getByRole('link', { name: 'All exports' }).click();
    await page.getByText('You have no exports yet').waitFor();
  });

  it('says in words that as many exports are running as may', async () => {
    functions.hold('collect-accounts');
    const { page, userId } = await signedIn();
    const api = await apiOf(userId);
    await Promise.all([api.start({}), api.start({})]);
    await startExport(page);
    await page.getByText('You already have as many exports running as possible').waitFor();
  });

  it('shows the same in two tabs', async () => {
    const { page, userId, context } = await signedIn();
    const other = await newVisitor(context);
    await other.signIn(userId);
    await other.page.getByText('You have no exports yet').waitFor();
    await page.getByText('More options').click();
    await page.getByLabel('A note to yourself').fill('From the first tab');
    await startExport(page);
    await other.page.getByRole('link', { name: 'From the first tab' }).waitFor({ timeout: 5000 });
    await other.page.getByText('Ready').waitFor();
    await ready(page);
    await confirmed(page, 'Delete', 'Delete export');
    await other.page.getByText('You have no exports yet').waitFor({ timeout: 5000 });
  });

  it('can be used by keyboard alone', async () => {
    const [userId, context] = [await newUser(), await newContext()];
    const { page } = await newVisitor(context);
    const press = async (...keys: string[]): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const tabTo = async (wanted: Locator): Promise<void> => {
      for (let count = 0; count < 40; count++) {
        await press('Tab');
        if (await hasFocus(wanted)) return;
      }
      throw new Error(`${wanted.toString()} cannot be reached.`);
    };
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await tabTo(page.getByRole('button', { name: 'Sign in' }));
    await press('Enter');
    await page.waitForURL(/_local/);
    await tabTo(page.getByLabel('Somebody else, by user id'));
    await page.keyboard.type(userId);
    await press('Enter');
    await page.getByRole('heading', { name: 'New export' }).waitFor();
    await tabTo(page.getByLabel(/^Everything/));
    await press('ArrowDown', 'ArrowDown');
    expect(await page.getByLabel(/^Accounts only/).isChecked()).toBe(true);
    await tabTo(page.getByRole('button', { name: 'Start export' }));
    await press('Enter');
    await ready(page);
    await tabTo(page.getByRole('button', { name: 'Delete' }));
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await hasFocus(page.getByRole('button', { name: 'Keep it' }))).toBe(true);
    await press('Escape');
    expect(await hasFocus(page.getByRole('button', { name: 'Delete' }))).toBe(true);
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await press('Tab', 'Enter');
    await page.getByRole('heading', { name: 'This export is gone' }).waitFor();
  });

  it('goes back and forth through its places', async () => {
    const { page } = await signedIn();
    await startExport(page);
    await ready(page);
    await page.goBack();
    await page.getByRole('heading', { name: 'New export' }).waitFor();
    await page.goForward();
    await ready(page);
    await page.reload();
    await ready(page);
  });

  it('keeps what was typed when the sign-in ends, and comes back to it', async () => {
    const { page, userId } = await signedIn();
    await page.getByText('More options').click();
    await page.getByLabel('A note to yourself').fill('Kept');
    const expired = await system.issueToken(userId, { expiresInSeconds: -60 });
    await returnWithToken(page, expired);
    await page.getByText('Your sign-in has ended').waitFor();
    await page.getByRole('button', { name: 'Sign in again' }).click();
    expect(await page.getByLabel('Somebody else, by user id').inputValue()).toBe(userId);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'New export' }).waitFor();
    await page.getByText('More options').click();
    expect(await page.getByLabel('A note to yourself').inputValue()).toBe('Kept');
    await startExport(page);
    await ready(page);
  });

  it('refuses to take up a sign-in that this tab has not begun', async () => {
    const { page } = await newVisitor(await newContext(), '/?code=stolen&state=made-up');
    await page.getByText('This sign-in was not begun in this tab.').waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  it('signs out at the issuer too, and forgets the person', async () => {
    const { page } = await signedIn();
    await Promise.all([
      page.waitForResponse((response) => response.url().includes('/end-session')),
      page.getByRole('button', { name: 'Sign out' }).click(),
    ]);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    // The page is loaded anew meanwhile, which this outlives.
    await page.waitForFunction('sessionStorage.length === 0');
  });

  it('waits while it is offline, and goes on by itself', async () => {
    functions.hold('collect-accounts');
    const { page, context } = await signedIn();
    await startExport(page);
    await page.getByRole('main').getByText('Collecting your records').waitFor();
    await context.setOffline(true);
    await page.getByText('You are offline').waitFor();
    functions.release();
    await context.setOffline(false);
    await ready(page);
    expect(await page.getByText('You are offline').count()).toBe(0);
  });

  it('opens a package that is dropped on it, without anybody signed in', async () => {
    const { page } = await signedIn(withFilePicker);
    await startExport(page);
    await ready(page);
    await page.getByRole('button', { name: 'Download' }).click();
    await page.getByRole('main').getByText('Saved and checked').waitFor();
    const { base64 } = await savedFile(page);
    const stranger = await newVisitor(await newContext());
    await stranger.page.getByRole('button', { name: 'Sign in' }).waitFor();
    await dropFile(stranger.page, base64);
    await stranger.page.getByText('dropped.zip').waitFor();
    await stranger.page.getByRole('tab', { name: 'Transactions (1)' }).waitFor();
  });
});
