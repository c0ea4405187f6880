import type { Section } from './sections.ts';

/** Where everything lies in the package; pages in a browser read it by these names too. */
export const MANIFEST_PATH = 'manifest.json';
export const CHECKSUMS_PATH = 'checksums.sha256';
export const README_PATH = 'README.txt';
/** The page that shows and checks the package in any browser. */
export const VIEWER_PATH = 'viewer.html';
/** Where the statement files' folders lie. */
export const FILES_FOLDER = 'files/';
export const ACCOUNTS_CSV_PATH = 'csv/accounts.csv';
export const TRANSACTIONS_CSV_PATH = 'csv/transactions.csv';

/** Where a section's records lie in the package. */
export const SECTION_PATHS: Readonly<Record<Section, string>> = {
  accounts: 'data/accounts.json',
  transactions: 'data/transactions.json',
  categories: 'data/categories.json',
  fileMaps: 'data/file_maps.json',
  transactionFiles: 'data/transaction_files.json',
  analytics: 'data/analytics.json',
};
