import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import type { Page, Route } from 'playwright-core';
import { ExportApi } from './export-api.ts';
import type { HeldFunctions } from './held-functions.ts';
import { returnWithToken, type Visitor } from './page-visitor.ts';
import type { RunningSystem } from './running-system.ts';
import { seedSmallHousehold } from './small-household.ts';

/** What a state is made of. */
export interface StateWorld {
  readonly system: RunningSystem;
  readonly functions: HeldFunctions;
  /** Somebody at the page who has not signed in. */
  readonly visitor: Visitor;
  /** How far ahead the functions' clock is, ms; only for the state's own time. */
  readonly setClockOffset: (milliseconds: number) => void;
  /** Somebody with a household of their own; seeded with as much as the caller likes. */
  readonly newUser: () => Promise<string>;
}

export interface PageState {
  readonly name: string;
  /** Brings the page into the state. */
  readonly show: (world: StateWorld) => Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export const userWithSmallHousehold = async (system: RunningSystem): Promise<string> => {
  const userId = `user-${randomUUID()}`;
  await seedSmallHousehold(system.clients, system.settings, userId);
  return userId;
};

const apiOf = async ({ system }: StateWorld, userId: string): Promise<ExportApi> =>
  new ExportApi(system.apiUrl, await system.issueToken(userId));

const startPage = async (world: StateWorld): Promise<string> => {
  const userId = await world.newUser();
  await world.visitor.signIn(userId);
  await world.visitor.page.locator('.estimate strong').waitFor();
  return userId;
};

/** An export of somebody who then looks at it. */
const exportPage = async (world: StateWorld, body: object, wanted?: string): Promise<string> => {
  const userId = await world.newUser();
  const api = await apiOf(world, userId);
  const exportId = await api.start(body);
  if (wanted !== undefined) await api.until(exportId, [wanted]);
  await world.visitor.signIn(userId);
  await goTo(world.visitor.page, `#/exports/${exportId}`);
  return exportId;
};

const goTo = async (page: Page, hash: string): Promise<void> => {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
};

const inMain = (page: Page, text: string | RegExp): Promise<void> =>
  page.getByRole('main').getByText(text).first().waitFor();

const problem = (route: Route): Promise<void> =>
  route.fulfill({
    status: 500,
    contentType: 'application/problem+json',
    json: {
      ...{ type: 'about:blank', title: 'Internal Server Error', status: 500 },
      detail: 'Something went wrong on our side. Please try again; if it stays, tell support the request id.',
      requestId: 'c6872f1c-6c3f-4a0e-9d52-1f4f3a3bb0a1',
    },
  });

const removeFilesOf = async ({ clients, settings }: RunningSystem, userId: string): Promise<void> => {
  const Bucket = settings.fileBucket;
  const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket, Prefix: `${userId}/` }));
  for (const { Key } of Contents.slice(0, 3)) await clients.s3.send(new DeleteObjectCommand({ Bucket, Key }));
};

/** Every state that was designed, in the order in which somebody may come upon them. */
export const PAGE_STATES: readonly PageState[] = [
  {
    name: 'signed out',
    show: async ({ visitor }) => {
      await visitor.page.getByRole('button', { name: 'Sign in' }).waitFor();
    },
  },
  {
    name: 'at the local issuer',
    show: async ({ visitor: { page } }) => {
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
    },
  },
  {
    name: 'sign-in that failed',
    show: async ({ visitor: { page }, system }) => {
      await page.goto(`${system.apiUrl}/?error=access_denied&state=unknown`);
      await inMain(page, 'This sign-in was not begun in this tab.');
    },
  },
  {
    name: 'start with an empty list',
    show: async (world) => {
      await startPage(world);
      await inMain(world.visitor.page, 'You have no exports yet');
    },
  },
  {
    name: 'selection with every option',
    show: async (world) => {
      await startPage(world);
      const { page } = world.visitor;
      await page.getByLabel(/^A selection/).check();
      await page.getByLabel('Which dates').selectOption('Other dates');
      await page.getByLabel('From', { exact: true }).fill('2025-06-01');
      await page.getByLabel('To', { exact: true }).fill('2025-05-01');
      await page.getByText('More options').click();
      await inMain(page, /at most/);
    },
  },
  {
    name: 'too many at a time',
    show: async (world) => {
      world.functions.hold('collect-transactions');
      const userId = await startPage(world);
      const api = await apiOf(world, userId);
      await Promise.all([api.start({ description: 'For the tax office' }), api.start({})]);
      await world.visitor.page.getByRole('button', { name: 'Start export' }).click();
      await inMain(world.visitor.page, 'You already have as many exports running as possible');
      await world.visitor.page.reload();
      await inMain(world.visitor.page, 'Collecting your records');
      await world.visitor.page.getByRole('button', { name: 'Start export' }).click();
      await inMain(world.visitor.page, 'You already have as many exports running as possible');
    },
  },
  {
    name: 'running',
    show: async (world) => {
      world.functions.hold('collect-transactions');
      await exportPage(world, { includeAnalytics: true });
      await world.visitor.page.locator('dt', { hasText: 'Analytics' }).waitFor();
    },
  },
  {
    name: 'asking before cancelling',
    show: async (world) => {
      world.functions.hold('collect-transactions');
      await exportPage(world, {});
      await world.visitor.page.getByRole('button', { name: 'Cancel export' }).click();
      await world.visitor.page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'being deleted',
    show: async (world) => {
      world.functions.hold('collect-transactions');
      await exportPage(world, {}, 'processing');
      await world.visitor.page.getByRole('button', { name: 'Cancel export' }).click();
      await world.visitor.page.getByRole('dialog').getByRole('button', { name: 'Cancel export' }).click();
      await inMain(world.visitor.page, 'It is being removed.');
    },
  },
  {
    name: 'ready and complete',
    show: async (world) => {
      await exportPage(world, { description: 'Before we change banks' }, 'completed');
      await world.visitor.page.getByRole('img', { name: /Transactions by month/ }).waitFor();
    },
  },
  {
    name: 'failed, and trying again helps',
    show: async (world) => {
      world.functions.fail('collect-accounts', 'ServiceUnavailable');
      await exportPage(world, {}, 'failed');
      await inMain(world.visitor.page, 'Starting a new one is likely to help.');
    },
  },
  {
    name: 'failed, and trying again does not help',
    show: async (world) => {
      world.functions.fail('collect-accounts', 'IndexIncomplete');
      await exportPage(world, {}, 'failed');
      await inMain(world.visitor.page, 'Starting it again will not help');
    },
  },
  {
    name: 'expired',
    show: async (world) => {
      const userId = await world.newUser();
      const api = await apiOf(world, userId);
      const exportId = await api.start({});
      await api.ended(exportId);
      world.setClockOffset(2 * DAY_MS);
      await world.visitor.signIn(userId);
      await goTo(world.visitor.page, `#/exports/${exportId}`);
      await inMain(world.visitor.page, 'The time to download this package is over');
    },
  },
  {
    name: 'list of many kinds',
    show: async (world) => {
      const userId = await world.newUser();
      const api = await apiOf(world, userId);
      await api.ended(await api.start({ exportType: 'transactions_only', exportFormat: 'json' }));
      world.functions.fail('collect-accounts', 'ServiceUnavailable');
      await api.ended(
        await api.start({ description: 'A note that is rather long, so that it has to be broken' }),
      );
      world.functions.release();
      await api.ended(await api.start({ description: 'For the tax office' }));
      world.functions.hold('collect-transactions');
      await api.start({});
      await world.visitor.signIn(userId);
      await inMain(world.visitor.page, 'Collecting your records');
      await world.visitor.page.locator('.estimate strong').waitFor();
    },
  },
  {
    name: 'sign-in has ended',
    show: async (world) => {
      const userId = await startPage(world);
      await returnWithToken(
        world.visitor.page,
        await world.system.issueToken(userId, { expiresInSeconds: -60 }),
      );
      await inMain(world.visitor.page, 'Your sign-in has ended');
    },
  },
  {
    name: 'offline',
    show: async (world) => {
      await startPage(world);
      await world.visitor.page.context().setOffline(true);
      await inMain(world.visitor.page, 'You are offline');
    },
  },
  {
    name: 'server error',
    show: async (world) => {
      await world.visitor.page.route('**/export*', problem);
      await world.visitor.page.route('**/export/**', problem);
      const userId = await world.newUser();
      await world.visitor.signIn(userId);
      await inMain(world.visitor.page, 'Something went wrong on our side');
    },
  },
  {
    name: 'an export that is not there',
    show: async (world) => {
      await startPage(world);
      await goTo(world.visitor.page, '#/exports/00000000-0000-4000-8000-000000000000');
      await inMain(world.visitor.page, 'This export is gone');
    },
  },
  {
    name: 'check a package',
    show: async ({ visitor: { page } }) => {
      await page.getByRole('link', { name: 'Check a package' }).click();
      await inMain(page, 'Choose a file, or drop it here');
    },
  },
  // The last, because it takes away files of the household.
  {
    name: 'ready with gaps',
    show: async (world) => {
      const { system, visitor } = world;
      const userId = await world.newUser();
      await removeFilesOf(system, userId);
      const api = await apiOf(world, userId);
      const exportId = await api.start({});
      await api.ended(exportId);
      await visitor.signIn(userId);
      await goTo(visitor.page, `#/exports/${exportId}`);
      await visitor.page.getByText(/Which files? (?:is|are) missing/).click();
    },
  },
];
