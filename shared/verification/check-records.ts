import type { Manifest } from '../domain/manifest.ts';
import { SECTIONS } from '../domain/sections.ts';
import { selectionOf } from '../domain/selection.ts';
import { corrupted, countWrong, totalWrong } from './broken-package.ts';
import type { PackageContents, TalliedTransactions } from './package-contents.ts';

const checkCounts = ({ sections }: PackageContents, { counts }: Manifest): void => {
  for (const section of SECTIONS) {
    const read = sections.get(section)?.count;
    if (read !== counts[section]?.expected) {
      throw countWrong('SECTION_COUNT', `The section ${section} does not have as many records as stated.`);
    }
  }
};

const checkSelected = ({ observed }: PackageContents, { filters }: Manifest): void => {
  const selection = selectionOf(filters);
  for (const [section, values] of observed) {
    if (!values.areSelected(section, selection)) {
      throw corrupted('RECORD_FILTER', `The section ${section} has a record that the filters do not select.`);
    }
  }
};

const checkMonths = ({ byMonth }: TalliedTransactions, { transactionsByMonth }: Manifest): void => {
  for (const month of new Set([...Object.keys(transactionsByMonth), ...Object.keys(byMonth)])) {
    if (byMonth[month] !== transactionsByMonth[month]) {
      throw totalWrong('MONTH_TOTAL', `The transactions of ${month} are not as many as the manifest states.`);
    }
  }
};

const checkControlTotals = (tallied: TalliedTransactions, manifest: Manifest): void => {
  if (tallied.controlTotals.length !== manifest.controlTotals.length) {
    throw totalWrong('CONTROL_TOTAL', 'The manifest does not have one control total for each account.');
  }
  for (const [position, total] of tallied.controlTotals.entries()) {
    if (JSON.stringify(total) === JSON.stringify(manifest.controlTotals[position])) continue;
    const { accountId, currency } = total;
    const where = `account ${accountId}${currency === null ? '' : ` in ${currency}`}`;
    throw totalWrong(
      'CONTROL_TOTAL',
      `The transactions of ${where} do not add up to what the manifest states.`,
    );
  }
};

/**
 * Whether the package has as many records as its manifest states, whose they are, whether its filters select them, and whether they add up.
 * @throws PackageCorrupted
 * @throws PackageCountsWrong
 * @throws PackageTotalsWrong
 */
export const checkRecords = (
  contents: PackageContents,
  tallied: TalliedTransactions,
  manifest: Manifest,
): void => {
  checkCounts(contents, manifest);
  if (contents.owner !== undefined && contents.owner !== manifest.userId) {
    throw corrupted('RECORD_OWNER', 'The records belong to somebody else than the manifest states.');
  }
  checkSelected(contents, manifest);
  checkMonths(tallied, manifest);
  checkControlTotals(tallied, manifest);
};
