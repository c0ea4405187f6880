import type { Manifest } from '../../../../shared/domain/manifest.ts';
import { SECTIONS } from '../../../../shared/domain/sections.ts';
import { bytesText, counted, countText, dayText, momentText } from './figures.ts';
import type { Household } from './protocol.ts';
import { codeWords, EXPORT_TYPE_NAMES, SECTION_NAMES } from './words.ts';

interface OverviewProps {
  readonly manifest: Manifest;
  readonly household: Household;
}

const namesOf = (ids: readonly string[], named: readonly { id: string; name: string }[]): string => {
  const names = new Map(named.map(({ id, name }) => [id, name]));
  return ids.map((id) => names.get(id) ?? id).join(', ');
};

const rangeText = ({ dateRangeStart, dateRangeEnd }: Manifest['filters']): string | undefined => {
  if (dateRangeStart === undefined && dateRangeEnd === undefined) return undefined;
  const from = dateRangeStart === undefined ? 'the beginning' : dayText(dateRangeStart);
  return `${from} to ${dateRangeEnd === undefined ? 'the end' : dayText(dateRangeEnd)}`;
};

/** What was asked for beside the type of the export, each with its name. */
const filterFacts = ({ filters }: Manifest, { accounts, categories }: Household): [string, string][] => {
  const notFound = [...(filters.notFound?.accountIds ?? []), ...(filters.notFound?.categoryIds ?? [])];
  const facts: [string, string | undefined][] = [
    ['Only accounts', filters.accountIds && namesOf(filters.accountIds, accounts)],
    ['Only categories', filters.categoryIds && namesOf(filters.categoryIds, categories)],
    ['Only dates', rangeText(filters)],
    ['Asked for, but not found', notFound.length === 0 ? undefined : notFound.join(', ')],
  ];
  return facts.flatMap(([term, text]) => (text === undefined ? [] : [[term, text]]));
};

const factsOf = (manifest: Manifest, household: Household): [string, string][] => [
  ['Asked for', EXPORT_TYPE_NAMES[manifest.exportType]],
  ...filterFacts(manifest, household),
  ...(manifest.parameters.description === undefined
    ? []
    : [['Description', manifest.parameters.description] satisfies [string, string]]),
  ['Calculated figures', manifest.includeAnalytics ? 'Included' : 'Not asked for'],
  ['Tables for spreadsheets', manifest.includeCsv ? 'Included' : 'Not asked for'],
  ['Made', momentText(manifest.exportTimestamp)],
  ['Number of the export', manifest.exportId],
  ['Version of the format', manifest.exportFormatVersion],
];

const Completeness = ({ manifest }: { readonly manifest: Manifest }) => {
  const { completeness, omissions } = manifest;
  if (completeness === 'complete') {
    return <p>Complete: nothing that was asked for was left out.</p>;
  }
  return (
    <>
      <p>Partial: {counted(omissions.length, 'statement file')} could not be included.</p>
      <ul>
        {omissions.slice(0, 100).map(({ id, expectedPath, code }) => (
          <li key={id}>
            <bdi>{expectedPath.split('/').at(-1)}</bdi>: {codeWords(code)}
          </li>
        ))}
      </ul>
      {omissions.length > 100 && (
        <p>And {countText(omissions.length - 100)} more, listed in manifest.json.</p>
      )}
    </>
  );
};

const Warnings = ({ warnings }: Pick<Manifest, 'warnings'>) => (
  <ul class="warnings">
    {warnings.map(({ code, section, count, examples }) => (
      <li key={code + section}>
        <p>
          {codeWords(code)} ({SECTION_NAMES[section]}, {countText(count)})
        </p>
        <details>
          <summary>Which</summary>
          <ul>
            {examples.map(({ id, attribute, refersTo }, at) => (
              <li key={at}>
                <code>{[id, attribute, refersTo].filter(Boolean).join(' → ')}</code>
              </li>
            ))}
          </ul>
        </details>
      </li>
    ))}
  </ul>
);

const Counts = ({ counts }: Pick<Manifest, 'counts'>) => {
  const hasOmitted = Object.values(counts).some(({ omitted }) => omitted > 0);
  return (
    <div class="table-frame" tabIndex={0} role="region" aria-label="Records in the package">
      <table class="plain-table">
        <thead>
          <tr>
            <th scope="col">Section</th>
            <th scope="col" class="number">
              Records
            </th>
            {hasOmitted && (
              <th scope="col" class="number">
                Missing files
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {SECTIONS.map((section) => ({ section, count: counts[section] })).flatMap(({ section, count }) =>
            count === undefined
              ? []
              : [
                  <tr key={section}>
                    <th scope="row">{SECTION_NAMES[section]}</th>
                    <td class="number">{countText(count.expected)}</td>
                    {hasOmitted && <td class="number">{countText(count.omitted)}</td>}
                  </tr>,
                ],
          )}
        </tbody>
      </table>
    </div>
  );
};

/** What the manifest tells: what was asked for, what is here, and what is not and why. */
export const Overview = ({ manifest, household }: OverviewProps) => (
  <div class="columns">
    <section class="card">
      <h2>The export</h2>
      <dl class="facts">
        {factsOf(manifest, household).map(([term, text]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>
              <bdi>{text}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </section>
    <section class="card">
      <h2>What is in it</h2>
      <Counts counts={manifest.counts} />
      <p class="quiet figures">
        {counted(manifest.entries.length + 2, 'part')},{' '}
        {bytesText(manifest.entries.reduce((sum, { bytes }) => sum + bytes, 0))} unpacked
      </p>
    </section>
    <section class="card">
      <h2>Is everything here?</h2>
      <Completeness manifest={manifest} />
      {manifest.warnings.length > 0 && (
        <>
          <h3>What else you may want to know</h3>
          <Warnings warnings={manifest.warnings} />
        </>
      )}
    </section>
  </div>
);
