import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionLogFile } from '../../infra/local/function-log.ts';
import { assertNothingLeaked } from '../support/leak-scan.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';
import { seedMarkedHousehold, type MarkedHousehold } from '../faults/marked-household.ts';

/** Every test of a running system ends with this scan: it must find what it looks for. */
describe('the scan for what nobody may read', () => {
  let system: RunningSystem;
  let household: MarkedHousehold;
  const amount = (): string => household.secrets.find((text) => /^-\d/.test(text)) ?? '';
  beforeAll(async () => {
    system = await startRunningSystem();
    household = await seedMarkedHousehold(system.clients, system.settings);
  });
  afterEach(() => writeFileSync(functionLogFile(system.settings.dataDir), ''));
  afterAll(() => system.end());

  it('finds nothing where nothing is', async () => {
    await expect(assertNothingLeaked(system)).resolves.toBeUndefined();
  });

  it.each([
    ['a signed link', () => 'https://bucket.example/key?X-Amz-Signature=0a1b'],
    ['a token', async () => `start-export ${await system.issueToken(household.userId)}`],
    ['an e-mail address', () => 'somebody@example.org'],
    ['a description', () => `${household.mark} bakery 7`],
    ['an amount', () => amount()],
  ])('finds %s in the log', async (_, leak) => {
    appendFileSync(functionLogFile(system.settings.dataDir), `start-export ${await leak()}\n`);
    await expect(assertNothingLeaked(system)).rejects.toThrow('In the log stands');
  });

  it.each([
    ['eventbridge', 'In the events stands'],
    ['stepfunctions', 'In the executions stands'],
  ])('looks through what %s keeps', async (service, found) => {
    const folder = join(system.settings.dataDir, service, 'of-the-test');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'leak.json'), JSON.stringify({ note: amount() }));
    await expect(assertNothingLeaked(system)).rejects.toThrow(found);
    rmSync(folder, { recursive: true });
  });
});
