import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PATIENCE_SECONDS } from '../support/exported-household.ts';
import { awsJsonError, type Fault, type ProxiedAnswer, type ProxiedRequest } from '../support/fault-proxy.ts';
import { exportAll } from './export-outcome.ts';
import { FaultWorld } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';

interface PutEventsAnswer {
  readonly FailedEntryCount: number;
  readonly Entries: readonly object[];
}

const REFUSED = { ErrorCode: 'InternalFailure', ErrorMessage: 'Of the proxy.' };

const answerOf = (Entries: readonly object[]): ProxiedAnswer => {
  const FailedEntryCount = Entries.filter((entry) => entry === REFUSED).length;
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: Buffer.from(JSON.stringify({ FailedEntryCount, Entries } satisfies PutEventsAnswer)),
  };
};

const entriesOf = ({ body }: ProxiedRequest): readonly object[] =>
  (JSON.parse(body.toString('utf8')) as { Entries: object[] }).Entries;

const BUS_DOWN = (): Fault => awsJsonError('InternalException', 500);
const NO_ENTRY_TAKEN = (request: ProxiedRequest): Fault => ({
  answer: answerOf(entriesOf(request).map(() => REFUSED)),
});
/** The bus has the first event, and says that it has not. */
const FIRST_SAID_TO_FAIL = (): Fault => ({
  alter: ({ body }) => {
    const { Entries } = JSON.parse(body.toString('utf8')) as PutEventsAnswer;
    return answerOf(Entries.map((entry, at) => (at === 0 ? REFUSED : entry)));
  },
});

jest.setTimeout(PATIENCE_SECONDS * 1000);

describe('publishing events', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start();
  });
  afterAll(() => world.end());
  afterEach(() => world.calm());

  const idsOf = async (exportId: string, type: string): Promise<(string | undefined)[]> =>
    (await world.events(exportId))
      .filter((event) => event['detail-type'] === type)
      .map(({ detail }) => detail.eventId);

  const pendingOf = async (exportId: string): Promise<string[]> =>
    Object.keys((await world.row(exportId))?.['pendingEvents'] as object);

  it.each<[string, (request: ProxiedRequest) => Fault]>([
    ['the bus is down', BUS_DOWN],
    ['the bus answers 200 and takes none', NO_ENTRY_TAKEN],
  ])('row 24: completes without its events, which come later, when %s', async (_, faultOf) => {
    const user = await world.aUser();
    let struck = 0;
    world.strike('eventbridge', (request) => {
      struck += 1;
      return faultOf(request);
    });
    const { exportId } = await exportAll(world, user);
    expect(struck).toBeGreaterThanOrEqual(2);
    expect(await world.events(exportId)).toEqual([]);
    const pending = await pendingOf(exportId);
    await expectInvariants(world);
    const published = [await idsOf(exportId, 'export.initiated'), await idsOf(exportId, 'export.completed')];
    expect(published.map((ids) => new Set(ids).size)).toEqual([1, 1]);
    expect(published.flat().sort()).toEqual(pending.sort());
    expect(await pendingOf(exportId)).toEqual([]);
  });

  it.each<[string, () => Fault]>([
    ['the bus says that it failed', FIRST_SAID_TO_FAIL],
    ['the bus’s answer is lost', () => 'lose-answer'],
  ])('row 24: says the same again under the same id when %s', async (_, faultOf) => {
    const user = await world.aUser();
    let struck = 0;
    world.strike('eventbridge', () => {
      struck += 1;
      return struck <= 2 ? faultOf() : undefined;
    });
    const { exportId } = await exportAll(world, user);
    expect(struck).toBeGreaterThanOrEqual(2);
    await expectInvariants(world);
    const initiated = await idsOf(exportId, 'export.initiated');
    expect(initiated.length).toBeGreaterThanOrEqual(2);
    expect(new Set(initiated).size).toBe(1);
    expect(await pendingOf(exportId)).toEqual([]);
  });
});
