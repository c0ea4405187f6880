import type { ExportStatusReply, ListedExport } from '../../../../shared/api/replies.ts';
import type { ExportType } from './export-draft.ts';

type Status = ListedExport['status'];
type Section = keyof ExportStatusReply['sections'];
type Phase = NonNullable<ExportStatusReply['currentPhase']>;

export const TYPE_TEXTS: Readonly<Record<ExportType, { readonly name: string; readonly what: string }>> = {
  complete: { name: 'Everything', what: 'All records and all uploaded statements' },
  selective: { name: 'A selection', what: 'Chosen accounts, categories or dates' },
  accounts_only: { name: 'Accounts only', what: 'Names, banks and balances' },
  transactions_only: { name: 'Transactions only', what: 'All bookings, without statements' },
};

export const STATUS_TEXTS: Readonly<Record<Status, string>> = {
  initiated: 'Waiting to begin',
  processing: 'In progress',
  completed: 'Ready',
  failed: 'Failed',
  expired: 'Expired',
  deleting: 'Being deleted',
};

export const isRunning = (status: Status): boolean => status === 'initiated' || status === 'processing';

export const SECTION_TEXTS: Readonly<Record<Section, string>> = {
  accounts: 'Accounts',
  transactions: 'Transactions',
  categories: 'Categories',
  fileMaps: 'Import rules',
  transactionFiles: 'Statements',
  analytics: 'Analytics',
};

export const PHASES: readonly Phase[] = ['collecting_data', 'building_package', 'verifying_package'];

export const PHASE_TEXTS: Readonly<Record<Phase, string>> = {
  collecting_data: 'Collecting your records',
  building_package: 'Putting the package together',
  verifying_package: 'Checking every file in it',
  completed: 'Done',
};

const WARNING_TEXTS: Readonly<Record<string, string>> = {
  MISSING_OBJECT: 'Statements that are no longer in storage',
  ARCHIVED_OBJECT: 'Statements that lie in an archive and must be restored first',
  FOREIGN_KEY: 'Records that point to a place outside your files, which is never read',
  NO_KEY: 'Records of statements that do not say where the file is',
  DANGLING_REFERENCE: 'Records that refer to something that is not there any more',
  TRANSACTION_COUNT_DIFFERS: 'Statements with another number of transactions than was noted on import',
  FILE_SIZE_DIFFERS: 'Statements of another size than was noted on upload',
  AMOUNT_MISSING: 'Transactions without an amount',
};

/** What a warning means; one that this page does not know yet is shown by its code. */
export const warningText = (code: string): string => WARNING_TEXTS[code] ?? code;

/** Codes whose files are not in the package; the others are about records that are. */
const OMISSIONS: readonly string[] = ['MISSING_OBJECT', 'ARCHIVED_OBJECT', 'FOREIGN_KEY', 'NO_KEY'];

export const isOmission = (code: string): boolean => OMISSIONS.includes(code);
