import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { hasBrowser, useBrowser } from '../support/browser.ts';
import { HeldFunctions } from '../support/held-functions.ts';
import { PAGE_STATES, userWithSmallHousehold } from '../support/page-states.ts';
import { visit, type Visitor } from '../support/page-visitor.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';

const WIDTHS = [360, 1280];
const SCHEMES = ['light', 'dark'] as const;
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds wrong with the page as it stands, in a line each. */
const violations = async (page: Page): Promise<string[]> => {
  const found = await page.evaluate<axe.AxeResults>(
    `axe.run({ runOnly: ${JSON.stringify(RULES)}, resultTypes: ['violations'] })`,
  );
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
};

const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth');

(hasBrowser ? describe : describe.skip)('each state of the export page', () => {
  const browser = useBrowser();
  const functions = new HeldFunctions();
  let clockOffset = 0;
  let system: RunningSystem;
  let context: BrowserContext;
  let visitor: Visitor;

  beforeAll(async () => {
    system = await startRunningSystem({ invocationHook: functions, clockOffset: () => clockOffset });
  });
  afterAll(() => system.end());
  afterEach(async () => {
    functions.release();
    clockOffset = 0;
    await context.close();
  });

  it.each(PAGE_STATES)(
    'is open to everybody, in light and dark, narrow and wide: $name',
    async ({ show }) => {
      context = await browser.newContext({ reducedMotion: 'reduce' });
      visitor = await visit(context, system);
      await show({
        system,
        functions,
        visitor,
        setClockOffset: (milliseconds) => {
          clockOffset = milliseconds;
        },
        newUser: () => userWithSmallHousehold(system),
      });
      const { page } = visitor;
      // As a text that is evaluated by the debugger, which the page's policy does not apply to.
      await page.evaluate(axe.source);
      const found: Record<string, unknown> = {};
      for (const width of WIDTHS) {
        for (const colorScheme of SCHEMES) {
          await page.setViewportSize({ width, height: 800 });
          await page.emulateMedia({ colorScheme });
          found[`${width} ${colorScheme}`] = {
            axe: await violations(page),
            isTooWide: await isTooWide(page),
          };
        }
      }
      const fine = { axe: [], isTooWide: false };
      expect(found).toEqual({ '360 light': fine, '360 dark': fine, '1280 light': fine, '1280 dark': fine });
      expect(visitor.faults).toEqual([]);
    },
  );
});
