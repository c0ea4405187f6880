import { Big } from 'big.js';
import type { ControlTotal } from '../../../shared/domain/control-total.ts';
import type { Manifest } from '../../../shared/domain/manifest.ts';
import type { VerifiedPackage } from '../../../shared/verification/verify-package.ts';
import { printable } from './command-line.ts';
import { bySection } from './export-status.ts';
import { countText, sizeText } from './quantities.ts';
import { textTable } from './text-table.ts';

const SHOWN_AT_MOST = 20;

const shortened = (lines: readonly string[]): string[] => {
  const left = lines.length - SHOWN_AT_MOST;
  return left > 0 ? [...lines.slice(0, SHOWN_AT_MOST), `  … and ${countText(left)} more`] : [...lines];
};

/** 2026-11-23T08:15:02.123Z as `2026-11-23 08:15:02 UTC`. */
const instantText = (instant: string): string =>
  printable(instant.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'));

const filterLines = ({ filters, exportType }: Manifest): string[] => {
  if (exportType !== 'selective') return [];
  const { accountIds, categoryIds, dateRangeStart, dateRangeEnd, notFound } = filters;
  const day = (instant: number | undefined): string =>
    instant === undefined ? '…' : new Date(instant).toISOString();
  return [
    ...(accountIds === undefined ? [] : [`accounts ${accountIds.join(', ')}`]),
    ...(categoryIds === undefined ? [] : [`categories ${categoryIds.join(', ')}`]),
    ...(dateRangeStart === undefined && dateRangeEnd === undefined
      ? []
      : [`dates ${day(dateRangeStart)} to ${day(dateRangeEnd)}`]),
    ...(notFound?.accountIds ?? []).map((id) => `account ${id} is none of this user's`),
    ...(notFound?.categoryIds ?? []).map((id) => `category ${id} is none of this user's`),
  ].map((line) => `           ${printable(line)}`);
};

const headingLines = (file: string, { manifest, bytes, sha256, entries }: VerifiedPackage): string[] => [
  `Verified   ${printable(file)}`,
  `           ${sizeText(bytes)} (${countText(bytes)} bytes), ${countText(entries.length)} entries`,
  `           SHA-256 ${sha256}`,
  `Export     ${printable(manifest.exportId)}, ${manifest.exportType} as ${manifest.exportFormat}`,
  ...filterLines(manifest),
  `Of user    ${printable(manifest.userId)}`,
  `Requested  ${instantText(manifest.exportTimestamp)}, begun ${instantText(manifest.startedAt)}`,
];

const recordLines = ({ manifest }: VerifiedPackage): string[] =>
  textTable(
    [
      { title: 'Records' },
      { title: 'Read', align: 'right' },
      { title: 'Whole', align: 'right' },
      { title: 'Without file', align: 'right' },
    ],
    bySection(manifest.counts).map(([label, { expected, included, omitted }]) => [
      label,
      countText(expected),
      countText(included),
      countText(omitted),
    ]),
  );

const totalLines = ({ manifest: { controlTotals } }: VerifiedPackage): string[] => {
  if (controlTotals.length === 0) return [];
  const row = ({ accountId, currency, count, debits, credits, net, lastBalance }: ControlTotal): string[] =>
    [
      accountId,
      currency ?? '–',
      countText(count),
      ...[debits, credits, net, lastBalance ?? '–'].map(moneyText),
    ].map(printable);
  return [
    '',
    ...textTable(
      [
        { title: 'Account' },
        { title: 'Currency' },
        ...['Transactions', 'Debits', 'Credits', 'Net', 'Last balance'].map((title) => ({
          title,
          align: 'right' as const,
        })),
      ],
      decimalAligned(controlTotals.map(row)),
    ),
  ];
};

const LONGEST_MONEY = 20;

/** Sums too long for a column are told to seven digits; the manifest has them all. */
const moneyText = (value: string): string =>
  value.length > LONGEST_MONEY ? `≈ ${new Big(value).toExponential(6)}` : value;

const MONEY_COLUMNS = [3, 4, 5, 6];

/** Money lines up at the decimal point: the digits behind it are filled up with blanks. */
const decimalAligned = (rows: readonly string[][]): string[][] => {
  const behindPoint = (text = ''): number =>
    text.includes('.') && !text.includes('e') ? text.length - text.indexOf('.') : 0;
  return rows.map((cells) =>
    cells.map((text, column) => {
      if (!MONEY_COLUMNS.includes(column)) return text;
      const longest = Math.max(...rows.map((other) => behindPoint(other[column])));
      return text + ' '.repeat(longest - behindPoint(text));
    }),
  );
};

const omissionLines = ({
  manifest: { completeness, omissions, filesIncluded },
}: VerifiedPackage): string[] => {
  const scope = filesIncluded
    ? []
    : ['Statement files are no part of this format; only their records are here.'];
  if (omissions.length === 0) return [...scope, `The package is ${completeness}: nothing was left out.`];
  const lines = omissions.map(
    ({ expectedPath, code, reason }) => `  ${printable(`${expectedPath}: ${reason} (${code})`)}`,
  );
  return [`The package is ${completeness}; missing from it, and why:`, ...shortened(lines)];
};

const warningLines = ({ manifest: { warnings } }: VerifiedPackage): string[] =>
  warnings.length === 0
    ? []
    : [
        'What else to know:',
        ...shortened(
          bySection(Object.groupBy(warnings, ({ section }) => section)).flatMap(([label, inSection]) =>
            inSection.map(({ code, count, examples }) => {
              const first = examples[0];
              const example = first === undefined ? '' : `, first ${first.id}`;
              return printable(`  ${label}: ${code} ${countText(count)} times${example}`);
            }),
          ),
        ),
      ];

/** A verified package as a person reads it: whose, when, what is in it, what is missing, and its sums. */
export const verificationReport = (file: string, verified: VerifiedPackage): string[] => [
  ...headingLines(file, verified),
  '',
  ...recordLines(verified),
  ...totalLines(verified),
  '',
  ...omissionLines(verified),
  ...warningLines(verified),
  'Checked: every byte belongs to the package, every entry has its hash, every count and reference is right, and the',
  "transactions add up to the manifest's totals.",
];
