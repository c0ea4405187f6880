import { viewerHtml } from '../../infra/web/viewer-html.ts';
import { SAMPLE_USER_ID } from '../../infra/local/sample-household/household-plans.ts';
import { generateSampleHousehold } from '../../infra/local/sample-household/sample-household.ts';
import type { ApplicationTableVariable } from '../../infra/local/application-tables.ts';
import { parsedExactly } from '../../shared/domain/exact-json.ts';
import { SECTION_PATHS } from '../../shared/domain/package-layout.ts';
import type { Section } from '../../shared/domain/sections.ts';
import { expectedJson } from './expected-json.ts';
import { A_USER } from './export-builders.ts';
import {
  collectedHousehold,
  inPackageOrder,
  type Household,
  type StoredRecord,
} from './packaged-household.ts';

const TABLES: Readonly<Record<Section, ApplicationTableVariable>> = {
  accounts: 'ACCOUNTS_TABLE',
  transactions: 'TRANSACTIONS_TABLE',
  categories: 'CATEGORIES_TABLE_NAME',
  fileMaps: 'FILE_MAPS_TABLE',
  transactionFiles: 'FILES_TABLE',
  analytics: 'ANALYTICS_DATA_TABLE',
};

/** So many of the last transactions: more than a window shows, and packed within a second. */
const TRANSACTIONS = 1_500;

/** The sample household of late, as the user that these packages are made for. */
const sampleHousehold = async (): Promise<Household> => {
  const { items, files } = await generateSampleHousehold();
  const ownJson = (json: string): string => json.replaceAll(SAMPLE_USER_ID, A_USER);
  const recordsOf = (section: Section): StoredRecord[] =>
    items[TABLES[section]]
      .filter(({ userId }) => userId?.S === SAMPLE_USER_ID)
      .map((item) => parsedExactly(ownJson(expectedJson(item, SECTION_PATHS[section]))) as StoredRecord);
  return {
    records: {
      accounts: recordsOf('accounts'),
      transactions: inPackageOrder('transactions', recordsOf('transactions')).slice(-TRANSACTIONS),
      categories: recordsOf('categories'),
      fileMaps: recordsOf('fileMaps'),
      transactionFiles: recordsOf('transactionFiles'),
      analytics: recordsOf('analytics'),
    },
    files: new Map(
      files.map(({ s3Key, bytes }) => [s3Key.replace(SAMPLE_USER_ID, A_USER), Buffer.from(bytes)]),
    ),
  };
};

/** The ZIP of the sample household, made by the real packager with the real viewer in it. */
export const samplePackage = async (): Promise<Buffer> => {
  const viewer = Buffer.from(await viewerHtml());
  const collected = await collectedHousehold(await sampleHousehold(), { includeCsv: true }, viewer);
  return (await collected.pack()).bytes;
};
