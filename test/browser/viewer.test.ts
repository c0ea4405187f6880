import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { source as axeSource } from 'axe-core';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { viewerHtml } from '../../infra/web/viewer-html.ts';
import { hasBrowser, useBrowser } from '../support/browser.ts';
import { builtJson, builtZip, STATEMENT_PATH, type Spoiling, zipOf } from '../support/built-package.ts';
import { readZip } from '../support/read-zip.ts';
import { samplePackage } from '../support/sample-package.ts';
import {
  added,
  edited,
  firstTotal,
  stating,
  swapped,
  without,
} from '../support/spoilt-packages/spoiling-steps.ts';

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=1</script>';

/** axe's own words for each violation on the page as it is. */
const violationsOn = async (page: Page): Promise<string[]> => {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
};

(hasBrowser ? describe : describe.skip)('the viewer, opened from a disk', () => {
  const browser = useBrowser();
  let folder = '';
  let viewerUrl = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'viewer-test-'));
    const sample = await samplePackage();
    await writeFile(join(folder, 'sample.zip'), sample);
    const viewer = (await readZip(sample)).get('viewer.html') ?? Buffer.alloc(0);
    expect(viewer.toString()).toBe(await viewerHtml());
    await writeFile(join(folder, 'viewer.html'), viewer);
    viewerUrl = pathToFileURL(join(folder, 'viewer.html')).href;
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const fileOf = async (name: string, bytes: Buffer): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, bytes);
    return file;
  };

  /** Opens the viewer without any network; `troubles` is what the browser complains of or reaches for. */
  const openViewer = async (options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({ offline: true, ...options });
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('console', (message) => troubles.push(message.text()));
    page.on('pageerror', (error) => troubles.push(error.message));
    context.on('request', (request) => {
      if (request.url() !== viewerUrl && !request.url().startsWith('blob:')) troubles.push(request.url());
    });
    await page.goto(viewerUrl);
    return { page, troubles, close: () => context.close() };
  };

  const choose = (page: Page, file: string) => page.setInputFiles('input[type=file]', file);
  const verdictOf = async (page: Page): Promise<string> => {
    const verdict = page.locator('.verdict.good, .verdict.bad');
    await verdict.waitFor();
    return verdict.innerText();
  };
  const showTab = (page: Page, name: string) => page.getByRole('tab', { name }).click();
  const rows = (page: Page) => page.locator('.transactions tbody tr');
  /** The status line above the table. */
  const foundText = (page: Page, text: string | RegExp) => page.getByRole('status').getByText(text).waitFor();

  it('finds the sample package whole, and asks the network for nothing', async () => {
    const { page, troubles, close } = await openViewer();
    await choose(page, join(folder, 'sample.zip'));
    expect(await verdictOf(page)).toMatch(/^This package is whole and unchanged: all \d+ parts are/);
    await page.getByText('What was checked, and what not').click();
    await page.getByText(/SHA-256 of the whole file: [0-9a-f]{64}/).waitFor();
    for (const name of ['Accounts', 'Categories', 'Statement files', 'Transactions', 'Overview']) {
      await showTab(page, name);
    }
    await page.getByText('Everything', { exact: true }).waitFor();
    expect(troubles).toEqual([]);
    await close();
  });

  it('searches and filters the transactions, and shows one with all its digits', async () => {
    const { page, close } = await openViewer();
    await choose(page, join(folder, 'sample.zip'));
    await showTab(page, 'Transactions');
    await foundText(page, '1,500 transactions');
    await page.getByRole('searchbox').fill('LOWENZAHN');
    await foundText(page, /^\d+ of 1,500 transactions$/);
    expect(await rows(page).first().innerText()).toContain('Löwenzahn');
    await page.getByLabel('Amount').selectOption('Money in');
    await foundText(page, 'No transaction is like that.');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await foundText(page, '1,500 transactions');

    await rows(page).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('transactionHash').waitFor();
    expect(await dialog.innerText()).toMatch(/transactionHash\s+\d{17,20}\b/);
    await close();
  });

  it('shows the transactions of an account and of a category with those below it', async () => {
    const { page, close } = await openViewer();
    await choose(page, join(folder, 'sample.zip'));
    await showTab(page, 'Accounts');
    await page
      .getByRole('button', { name: /^Show transactions/ })
      .first()
      .click();
    await foundText(page, /^[\d,]+ of 1,500 transactions$|^No transaction/);
    expect(
      await page.getByRole('tabpanel').evaluate((panel) => panel === panel.ownerDocument.activeElement),
    ).toBe(true);
    await showTab(page, 'Categories');
    await page
      .getByRole('button', { name: /^Show transactions/ })
      .first()
      .click();
    expect(await page.getByLabel('Account').inputValue()).toBe('');
    await foundText(page, /^[\d,]+ of 1,500 transactions$|^No transaction/);
    await close();
  });

  it('opens a statement as text and gives other files to be saved', async () => {
    const { page, troubles, close } = await openViewer();
    await choose(page, join(folder, 'sample.zip'));
    await showTab(page, 'Statement files');
    await page
      .getByRole('button', { name: /^Show .*\.csv$/i })
      .first()
      .click();
    expect(await page.locator('.statement').innerText()).toMatch(/\d{4}-\d\d-\d\d|;|,/);
    await page.keyboard.press('Escape');
    const download = page.waitForEvent('download');
    await page
      .getByRole('button', { name: /^Save .*\.xlsx$/ })
      .first()
      .click();
    expect((await download).suggestedFilename()).toMatch(/\.xlsx$/);
    const popup = page.waitForEvent('popup');
    await page
      .getByRole('button', { name: /^Open .*\.pdf$/ })
      .first()
      .click();
    expect((await popup).url()).toMatch(/^blob:|^$|^about:blank$/);
    expect(troubles.filter((trouble) => !trouble.startsWith('blob:'))).toEqual([]);
    await close();
  });

  const SPOILT: readonly (readonly [string, Spoiling, string])[] = [
    ['a file changed', { packed: edited(STATEMENT_PATH, '-12.50', '-12.51') }, STATEMENT_PATH],
    ['a file missing', { packed: without(STATEMENT_PATH) }, 'missing from the package'],
    ['a file nobody lists', { packed: added('setup.exe', 'MZ') }, 'setup.exe'],
    ['two files exchanged', { packed: swapped(STATEMENT_PATH, 'README.txt') }, 'README.txt'],
    ['a sum that is wrong', { manifest: firstTotal({ debits: '-1' }) }, 'do not add up'],
    ['a month miscounted', { manifest: stating({ transactionsByMonth: { '2026-05': 9 } }) }, '2026-05'],
    [
      'a transaction edited and hashed again',
      { contents: edited('data/transactions.json', '"7"', '"8"') },
      'do not add up',
    ],
    [
      'a record of somebody else',
      { contents: edited('data/accounts.json', /"userId":"[^"]*"/, '"userId":"x"') },
      'somebody else',
    ],
    ['a section cut short', { contents: edited('data/categories.json', '[]\n', '[\n') }, 'is cut short'],
  ];

  it('tells each spoilt package for what it is', async () => {
    const { page, close } = await openViewer();
    for (const [index, [kind, spoiling, told]] of SPOILT.entries()) {
      await choose(page, await fileOf(`spoilt-${index}.zip`, await builtZip(spoiling)));
      const verdict = await verdictOf(page);
      expect([kind, verdict]).toEqual([
        kind,
        expect.stringMatching(/^This package is not as it was made: \d+ problem/),
      ]);
      expect([kind, verdict]).toEqual([kind, expect.stringContaining(told)]);
      await page.getByRole('button', { name: 'Open another package' }).click();
    }
    await close();
  });

  it('has an answer to every file that it cannot show', async () => {
    const whole = await builtZip();
    const files: readonly (readonly [string, Buffer, string])[] = [
      ['letter.txt', Buffer.from('Dear bank'), 'This file is not an export package.'],
      ['empty.zip', Buffer.alloc(0), 'This file is not an export package.'],
      ['half.zip', whole.subarray(0, whole.length / 2), 'This ZIP file is damaged or incomplete.'],
      ['export.json', builtJson(), 'This export is a JSON document'],
      ['other.zip', await zipOf([{ path: 'a.txt', text: 'a' }]), 'This ZIP file is not an export package.'],
      [
        'newer.zip',
        await zipOf([{ path: 'manifest.json', text: '{"exportFormatVersion":"2.0"}' }]),
        'This package has version 2.0 of the format',
      ],
      ['broken.zip', await zipOf([{ path: 'manifest.json', text: '{' }]), 'its manifest cannot be read'],
    ];
    const { page, troubles, close } = await openViewer();
    for (const [name, bytes, told] of files) {
      await choose(page, await fileOf(name, bytes));
      expect([name, await verdictOf(page)]).toEqual([name, expect.stringContaining(told)]);
      await page.getByRole('button', { name: 'Open another package' }).click();
    }
    expect(troubles).toEqual([]);
    await close();
  });

  it('shows hostile texts as texts', async () => {
    const spoiling: Spoiling = {
      contents: (contents) =>
        contents.map(({ path, text }) => ({
          path,
          text: text
            .replace('"Bakery 1"', JSON.stringify(HOSTILE))
            .replace('"Current"', JSON.stringify(HOSTILE))
            .replace('date,amount', HOSTILE),
        })),
    };
    const { page, troubles, close } = await openViewer();
    await choose(page, await fileOf('hostile.zip', await builtZip(spoiling)));
    await verdictOf(page);
    await showTab(page, 'Accounts');
    await page.getByRole('rowheader', { name: HOSTILE }).first().waitFor();
    await showTab(page, 'Statement files');
    await page.getByRole('button', { name: 'Show may.csv' }).click();
    expect(await page.locator('.statement').innerText()).toContain(HOSTILE);
    await page.keyboard.press('Escape');
    await showTab(page, 'Transactions');
    await page.getByRole('searchbox').fill('onerror');
    await foundText(page, /^1 of 5/);
    await rows(page).first().click();
    await page.getByRole('dialog').getByText('transactionId').waitFor();
    expect(await page.locator('img, iframe, object, main script').count()).toBe(0);
    expect(await page.title()).toBe("Your household's data");
    expect(troubles).toEqual([]);
    await close();
  });

  it('can be used with the keyboard alone, and keeps the focus', async () => {
    const { page, close } = await openViewer();
    await choose(page, join(folder, 'sample.zip'));
    await verdictOf(page);
    await page.getByRole('tab', { name: 'Overview' }).focus();
    await page.keyboard.press('ArrowRight');
    await foundText(page, '1,500 transactions');
    const grid = page.getByRole('grid');
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('Tab');
      if (await grid.evaluate((element) => element === element.ownerDocument.activeElement)) break;
    }
    expect(await grid.getAttribute('aria-rowcount')).toBe('1501');
    await page.keyboard.press('End');
    const active = page.locator('.transactions tr[aria-selected=true]');
    await page.locator('tr[aria-rowindex="1501"][aria-selected=true]').waitFor();
    expect(await grid.getAttribute('aria-activedescendant')).toBe(await active.getAttribute('id'));
    await page.keyboard.press('PageUp');
    await page.keyboard.press('ArrowDown');
    const description = await active.locator('td').nth(1).innerText();
    await page.keyboard.press('Enter');
    expect(await page.getByRole('dialog').getByRole('heading', { level: 2 }).innerText()).toBe(description);
    await page.keyboard.press('Escape');
    expect(await grid.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
    await close();
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 360],
  ] as const)(
    'has no violation that axe knows in any state, %s, %i pixels wide',
    async (colorScheme, width) => {
      const { page, close } = await openViewer({ colorScheme, viewport: { width, height: 800 } });
      // axe is put into the page by the debugger, which the page's policy does not bind.
      expect(await violationsOn(page)).toEqual([]);
      await choose(page, await fileOf(`a-${colorScheme}-${width}.zip`, await builtZip(SPOILT[0]?.[1])));
      await verdictOf(page);
      expect(await violationsOn(page)).toEqual([]);
      await page.getByRole('button', { name: 'Open another package' }).click();
      await choose(page, join(folder, 'sample.zip'));
      await verdictOf(page);
      for (const name of ['Overview', 'Accounts', 'Categories', 'Statement files', 'Transactions']) {
        await showTab(page, name);
        expect([name, await violationsOn(page)]).toEqual([name, []]);
      }
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await rows(page).nth(1).click();
      await page.getByRole('dialog').getByText('transactionId').waitFor();
      expect(await violationsOn(page)).toEqual([]);
      await close();
    },
  );
});
