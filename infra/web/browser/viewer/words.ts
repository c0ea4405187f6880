import type { Manifest, OmissionCode, WarningCode } from '../../../../shared/domain/manifest.ts';
import type { Section } from '../../../../shared/domain/sections.ts';
import type { Refusal } from './protocol.ts';

export const SECTION_NAMES: Readonly<Record<Section, string>> = {
  accounts: 'Accounts',
  transactions: 'Transactions',
  categories: 'Categories',
  fileMaps: "How banks' files are read",
  transactionFiles: 'Statement files',
  analytics: 'Calculated figures',
};

export const EXPORT_TYPE_NAMES: Readonly<Record<Manifest['exportType'], string>> = {
  complete: 'Everything',
  selective: 'A selection',
  accounts_only: 'Accounts only',
  transactions_only: 'Transactions only',
};

const OMISSION_WORDS: Readonly<Record<OmissionCode, string>> = {
  MISSING_OBJECT: 'The file is no longer in the storage of the application.',
  ARCHIVED_OBJECT: 'The file lies in an archive, from which it must be restored first.',
  FOREIGN_KEY: 'The record points to a place outside your files, which is never read.',
  NO_KEY: 'The record does not say where the file is.',
};

const WARNING_WORDS: Readonly<Record<WarningCode, string>> = {
  DANGLING_REFERENCE: 'Records refer to something that is no longer there.',
  TRANSACTION_COUNT_DIFFERS: 'The application counts other transactions of a file than there are.',
  FILE_SIZE_DIFFERS: 'A file has another size than the application has noted.',
  AMOUNT_MISSING: 'Transactions have no amount, so no sum has them in it.',
};

const WORDS: Readonly<Record<string, string>> = { ...OMISSION_WORDS, ...WARNING_WORDS };

/** What a code of an omission or warning means; a code that is not known is told as it is. */
export const codeWords = (code: string): string =>
  Object.hasOwn(WORDS, code) ? (WORDS[code] ?? code) : code;

/** What is said of a file that cannot be shown, and what to do. */
export const refusalWords = (refusal: Refusal): { readonly title: string; readonly advice: string } => {
  switch (refusal.kind) {
    case 'not-a-zip':
      return {
        title: 'This file is not an export package.',
        advice: 'A package is a ZIP file; its name usually begins with "household-export".',
      };
    case 'damaged-zip':
      return {
        title: 'This ZIP file is damaged or incomplete.',
        advice: 'It may not have been downloaded to its end. Download it again, then open that file.',
      };
    case 'json-package':
      return {
        title: 'This export is a JSON document, which cannot be shown here.',
        advice: 'Nothing is wrong with it. To browse and check an export here, make one in the ZIP format.',
      };
    case 'no-export':
      return {
        title: 'This ZIP file is not an export package.',
        advice: 'It has no manifest.json, which every package has. Is it another ZIP file?',
      };
    case 'other-version':
      return {
        title: `This package has version ${refusal.version} of the format, which cannot be read here.`,
        advice: 'Unpack it and open the viewer.html inside: it can read the package it came in.',
      };
    case 'broken-manifest':
      return {
        title: 'This package is damaged: its manifest cannot be read.',
        advice: `${refusal.fact} Without it nothing in the package can be checked. Download the package again.`,
      };
    case 'unreadable':
      return {
        title: 'This file could not be read.',
        advice:
          'It may have been moved or changed meanwhile, or memory ran out. Close other pages and open it again.',
      };
  }
};
