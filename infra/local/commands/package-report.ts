import { printable } from './command-line.ts';
import { bySection } from './export-status.ts';
import type { PackageCheck } from './package-check.ts';
import { countText, sizeText } from './quantities.ts';
import { textTable } from './text-table.ts';

const SHOWN_AT_MOST = 10;

const shortened = (lines: readonly string[]): string[] => {
  const left = lines.length - SHOWN_AT_MOST;
  return left > 0 ? [...lines.slice(0, SHOWN_AT_MOST), `… and ${countText(left)} more`] : [...lines];
};

const folderOf = (path: string): string => (path.includes('/') ? path.replace(/\/.*$/s, '/') : '(top level)');

const folderLines = ({ entries }: PackageCheck): string[] => {
  const folders = [...Map.groupBy(entries, ({ path }) => folderOf(path))];
  return textTable(
    [
      { title: 'Folder' },
      { title: 'Entries', align: 'right' },
      { title: 'Size', align: 'right' },
      { title: 'Packed', align: 'right' },
    ],
    folders.map(([folder, inside]) => [
      printable(folder),
      countText(inside.length),
      sizeText(inside.reduce((sum, { size }) => sum + size, 0)),
      sizeText(inside.reduce((sum, { packedSize }) => sum + packedSize, 0)),
    ]),
  );
};

const recordLines = ({ manifest }: PackageCheck): string[] =>
  textTable(
    [
      { title: 'Records' },
      { title: 'Expected', align: 'right' },
      { title: 'Included', align: 'right' },
      { title: 'Omitted', align: 'right' },
    ],
    bySection(manifest?.counts ?? {}).map(([label, { expected, included, omitted }]) => [
      label,
      countText(expected),
      countText(included),
      countText(omitted),
    ]),
  );

const completenessLines = ({ manifest }: PackageCheck): string[] => {
  if (manifest === undefined) return [];
  const { completeness, omissions } = manifest;
  if (omissions.length === 0) return [`The package is ${printable(completeness)}: nothing was left out.`];
  const omitted = omissions.map(
    ({ expectedPath, code, reason }) => `  ${printable(`${expectedPath}: ${reason} (${code})`)}`,
  );
  return [
    `The package is ${printable(completeness)}; left out, and listed in manifest.json:`,
    ...shortened(omitted),
  ];
};

const verdictLines = ({ problems, listed }: PackageCheck): string[] =>
  problems.length === 0
    ? [
        `Checked: all ${countText(listed)} entries that checksums.sha256 lists are as it says, nothing else is in the ZIP,`,
        "and the whole file has the service's SHA-256.",
      ]
    : ['The package is NOT what it claims to be:', ...shortened(problems.map((problem) => `  ${problem}`))];

/** What is in a saved package and whether it is what it claims to be, as lines to print. */
export const packageReport = (file: string, check: PackageCheck): string[] => [
  `Saved  ${file}`,
  `       ${sizeText(check.size)} (${countText(check.size)} bytes), SHA-256 ${check.sha256}`,
  '',
  ...folderLines(check),
  '',
  ...recordLines(check),
  '',
  ...completenessLines(check),
  ...verdictLines(check),
];
