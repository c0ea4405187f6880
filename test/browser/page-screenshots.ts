import { DeleteItemCommand, paginateScan, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { SAMPLE_USER_ID } from '../../infra/local/sample-household/household-plans.ts';
import { HeldFunctions } from '../support/held-functions.ts';
import { PAGE_STATES, type PageState } from '../support/page-states.ts';
import { visit } from '../support/page-visitor.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';

const SCHEMES = ['light', 'dark'] as const;
const WIDTHS = [1280, 360];

/** As if nobody had ever exported anything. */
const forgetExports = async ({ clients, settings }: RunningSystem): Promise<void> => {
  const TableName = settings.tables.EXPORT_JOBS_TABLE;
  const keys: Record<string, AttributeValue>[] = [];
  for await (const { Items = [] } of paginateScan({ client: clients.dynamodb }, { TableName })) {
    for (const { exportId } of Items) if (exportId !== undefined) keys.push({ exportId });
  }
  for (const Key of keys) await clients.dynamodb.send(new DeleteItemCommand({ TableName, Key }));
};

/** Takes pictures of each state of the page into a folder: light and dark, wide and 360 px. Gives their files' names. */
export const pageScreenshots = async (browser: Browser, folder: string): Promise<string[]> => {
  const functions = new HeldFunctions();
  let clockOffset = 0;
  const system = await startRunningSystem({
    sample: true,
    invocationHook: functions,
    clockOffset: () => clockOffset,
  });
  const files: string[] = [];

  const take = async ({ name, show }: PageState): Promise<void> => {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 } });
    const visitor = await visit(context, system);
    const { page } = visitor;
    const setClockOffset = (milliseconds: number) => {
      clockOffset = milliseconds;
    };
    try {
      await show({
        system,
        functions,
        visitor,
        setClockOffset,
        newUser: () => Promise.resolve(SAMPLE_USER_ID),
      });
      for (const colorScheme of SCHEMES) {
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 800 });
          await page.emulateMedia({ colorScheme });
          const file = `page-${name.replaceAll(/\W+/g, '-')}-${colorScheme}-${width}.png`;
          await page.screenshot({ path: join(folder, file), fullPage: true });
          files.push(file);
        }
      }
    } finally {
      functions.release();
      clockOffset = 0;
      await context.close();
      await forgetExports(system);
    }
  };

  try {
    for (const state of PAGE_STATES) await take(state);
  } finally {
    await system.close();
  }
  return files;
};
