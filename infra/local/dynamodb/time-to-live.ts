import * as z from 'zod/mini';
import { parseInput, RequestRefused } from '../aws-json-endpoint.ts';
import type { DynaliteEngine } from './dynalite-engine.ts';

const tableName = z.string().check(z.minLength(1), z.maxLength(1024));
const describeInput = z.strictObject({ TableName: tableName });
const updateInput = z.strictObject({
  TableName: tableName,
  TimeToLiveSpecification: z.strictObject({
    AttributeName: z.string().check(z.minLength(1), z.maxLength(255)),
    Enabled: z.boolean(),
  }),
});

const setting = z.object({ attributeName: z.string() });
type Setting = z.infer<typeof setting>;

const refuse = (message: string): RequestRefused => new RequestRefused('ValidationException', message);

const checkChange = (current: Setting | undefined, attributeName: string, enabled: boolean): void => {
  if (!current && !enabled) throw refuse('TimeToLive is already disabled');
  if (!current) return;
  if (current.attributeName !== attributeName) {
    const active = `current AttributeName is ${current.attributeName}`;
    throw refuse(`TimeToLive is active on a different AttributeName: ${active}`);
  }
  if (enabled) throw refuse('TimeToLive is already enabled');
};

/** UpdateTimeToLive and DescribeTimeToLive. The setting is kept; items are not deleted by it (AWS promises no moment). */
export const createTimeToLive = (engine: DynaliteEngine) => {
  // By the table's id, so that a table created again under an old name starts without.
  const noteOf = async (name: string): Promise<string> =>
    `time-to-live~${(await engine.findTable(name)).TableId}`;
  const read = (note: string): Setting | undefined => setting.safeParse(engine.readNote(note)).data;

  return {
    update: async (input: unknown) => {
      const { TableName, TimeToLiveSpecification: specification } = parseInput(updateInput, input);
      const note = await noteOf(TableName);
      checkChange(read(note), specification.AttributeName, specification.Enabled);
      await engine.writeNote(
        note,
        specification.Enabled ? { attributeName: specification.AttributeName } : null,
      );
      return { TimeToLiveSpecification: specification };
    },
    describe: async (input: unknown) => {
      const current = read(await noteOf(parseInput(describeInput, input).TableName));
      return {
        TimeToLiveDescription: current
          ? { TimeToLiveStatus: 'ENABLED', AttributeName: current.attributeName }
          : { TimeToLiveStatus: 'DISABLED' },
      };
    },
  };
};
