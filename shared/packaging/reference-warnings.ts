import { compareUtf8 } from '../domain/compare-utf8.ts';
import type { Section } from '../domain/sections.ts';
import { TRANSACTION_REFERENCES } from '../domain/transaction-tally.ts';
import type { HouseholdFacts } from './package-source.ts';
import type { WarningList } from './warning-list.ts';

interface Reference {
  readonly section: Section;
  readonly id: string;
  readonly attribute: string;
  readonly to: string | undefined;
  readonly known: ReadonlyMap<string, unknown>;
  /** How many records refer so; `id` is the first. */
  readonly times?: number;
}

/** An empty text refers to nothing. */
const noteReference = (
  warnings: WarningList,
  { section, id, attribute, to, known, times }: Reference,
): void => {
  if (to === undefined || to === '' || known.has(to)) return;
  warnings.add('DANGLING_REFERENCE', section, { id, attribute, refersTo: to }, times);
};

const noteTransactions = (warnings: WarningList, { survey, tally }: HouseholdFacts): void => {
  const { accounts, files, categories } = survey;
  const targets = { accountId: accounts, fileId: files, primaryCategoryId: categories, categories };
  for (const attribute of TRANSACTION_REFERENCES) {
    const known = targets[attribute];
    const references = [...tally.references[attribute]].sort((a, b) => compareUtf8(a.id, b.id));
    for (const { id: to, count: times, first: id } of references) {
      noteReference(warnings, { section: 'transactions', id, attribute, to, known, times });
    }
  }
};

const noteFiles = (warnings: WarningList, { survey, transactionsByFile }: HouseholdFacts): void => {
  const { accounts, fileMaps } = survey;
  for (const { fileId: id, accountId, fileMapId, transactionCount } of survey.files.values()) {
    const reference = { section: 'transactionFiles', id } as const;
    noteReference(warnings, { ...reference, attribute: 'accountId', to: accountId, known: accounts });
    noteReference(warnings, { ...reference, attribute: 'fileMapId', to: fileMapId, known: fileMaps });
    if (transactionCount !== undefined && transactionCount !== (transactionsByFile.get(id) ?? 0)) {
      warnings.add('TRANSACTION_COUNT_DIFFERS', 'transactionFiles', { id, attribute: 'transactionCount' });
    }
  }
};

/**
 * Notes what refers to something that the household does not have. Only a complete export can tell: in any other, what
 * is referred to may just not have been asked for.
 */
export const noteReferences = (warnings: WarningList, facts: HouseholdFacts): void => {
  const { survey } = facts;
  noteTransactions(warnings, facts);
  noteFiles(warnings, facts);
  for (const { accountId: id, defaultFileMapId: to } of survey.accounts.values()) {
    const reference = { section: 'accounts', id, attribute: 'defaultFileMapId', to } as const;
    noteReference(warnings, { ...reference, known: survey.fileMaps });
  }
  for (const { categoryId: id, parentCategoryId: to } of survey.categories.values()) {
    const reference = { section: 'categories', id, attribute: 'parentCategoryId', to } as const;
    noteReference(warnings, { ...reference, known: survey.categories });
  }
  for (const { fileMapId: id, accountId: to } of survey.fileMaps.values()) {
    const reference = { section: 'fileMaps', id, attribute: 'accountId', to } as const;
    noteReference(warnings, { ...reference, known: survey.accounts });
  }
};
