import * as z from 'zod/mini';
import type { Section } from '../domain/sections.ts';
import type { CollectedSection } from './collected-section.ts';
import type { InterimSections } from './interim-sections.ts';
import { readAsWritten } from './read-as-written.ts';

/** Records are exported as they are, so whatever is of another type than it should be is here as good as absent. */
const textIfAny = z.catch(z.optional(z.string()), undefined);
const numberIfAny = z.catch(z.optional(z.number()), undefined);

const account = z.object({ accountId: z.string(), accountName: textIfAny, defaultFileMapId: textIfAny });
const category = z.object({ categoryId: z.string(), name: textIfAny, parentCategoryId: textIfAny });
const fileMap = z.object({ fileMapId: z.string(), accountId: textIfAny });
const statementFile = z.object({
  fileId: z.string(),
  fileName: textIfAny,
  accountId: textIfAny,
  fileMapId: textIfAny,
  transactionCount: numberIfAny,
});

export type SurveyedCategory = z.infer<typeof category>;

/**
 * What is known of a household before its package is written: which records there are, how they are called and what
 * they refer to. It grows with accounts, categories, file maps and files, never with transactions.
 */
export interface HouseholdSurvey {
  readonly accounts: ReadonlyMap<string, z.infer<typeof account>>;
  readonly categories: ReadonlyMap<string, SurveyedCategory>;
  readonly fileMaps: ReadonlyMap<string, z.infer<typeof fileMap>>;
  readonly files: ReadonlyMap<string, z.infer<typeof statementFile>>;
}

/** Reads the small sections through once. @throws InterimCorrupted */
export const surveyHousehold = async (
  interim: InterimSections,
  sections: readonly CollectedSection[],
): Promise<HouseholdSurvey> => {
  const surveyed = async <Told>(
    name: Section,
    shape: z.ZodMiniType<Told>,
    idOf: (told: Told) => string,
  ): Promise<Map<string, Told>> => {
    const found = new Map<string, Told>();
    for (const section of sections.filter((candidate) => candidate.section === name)) {
      for await (const record of interim.records(section)) {
        const told = readAsWritten(record, shape);
        found.set(idOf(told), told);
      }
    }
    return found;
  };

  return {
    accounts: await surveyed('accounts', account, ({ accountId }) => accountId),
    categories: await surveyed('categories', category, ({ categoryId }) => categoryId),
    fileMaps: await surveyed('fileMaps', fileMap, ({ fileMapId }) => fileMapId),
    files: await surveyed('transactionFiles', statementFile, ({ fileId }) => fileId),
  };
};
