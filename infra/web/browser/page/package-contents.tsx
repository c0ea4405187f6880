import { useEffect, useState } from 'preact/hooks';
import type { ExportStatusReply } from '../../../../shared/api/replies.ts';
import { SECTIONS } from '../../../../shared/domain/sections.ts';
import type { ManifestFacts, MissingFile } from './manifest-facts.ts';
import { MonthPlot } from './month-plot.tsx';
import { Notice } from './notice.tsx';
import { ManifestUnreadable } from './package-manifest.ts';
import { countOf, countText } from './quantities.ts';
import { readFactsOf } from './read-from-link.ts';
import { useServices } from './services.ts';
import { isOmission, SECTION_TEXTS, warningText } from './words.ts';

const CountsTable = ({ counts }: { readonly counts: NonNullable<ExportStatusReply['counts']> }) => {
  const rows = SECTIONS.flatMap((section) => {
    const count = counts[section];
    return count === undefined ? [] : [{ section, ...count }];
  });
  const hasGaps = rows.some(({ omitted }) => omitted > 0);
  return (
    <table class="figures-table">
      <thead>
        <tr>
          <th scope="col">Part</th>
          <th scope="col" class="number">
            Records
          </th>
          {hasGaps ? (
            <th scope="col" class="number">
              Without their file
            </th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ section, expected, omitted }) => (
          <tr key={section}>
            <th scope="row">{SECTION_TEXTS[section]}</th>
            <td class="number">{countText(expected)}</td>
            {hasGaps ? (
              <td class={`number ${omitted > 0 ? 'attention' : 'quiet'}`}>{countText(omitted)}</td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const WarningList = ({ warnings }: { readonly warnings: ExportStatusReply['warnings'] }) => (
  <ul>
    {warnings.map(({ code, count }) => (
      <li key={code}>
        {warningText(code)}: <span class="figures">{countText(count)}</span>
      </li>
    ))}
  </ul>
);

const MOST_SHOWN = 100;

const MissingFiles = ({ missing }: { readonly missing: readonly MissingFile[] }) => (
  <details>
    <summary>{`Which ${missing.length === 1 ? 'file is' : 'files are'} missing`}</summary>
    <ul class="missing">
      {missing.slice(0, MOST_SHOWN).map(({ path, reason }) => (
        <li key={path}>
          <strong>{path.split('/').at(-1)}</strong>
          <span class="quiet">{reason}</span>
        </li>
      ))}
    </ul>
    {missing.length > MOST_SHOWN ? (
      <p class="quiet">
        {countText(missing.length - MOST_SHOWN)} more are listed in manifest.json in the package.
      </p>
    ) : null}
  </details>
);

type Reading = { readonly facts?: ManifestFacts; readonly failure?: string };

/** Read once for each package, however often it is looked at. */
const known = new Map<string, ManifestFacts>();

const useFacts = ({ exportId, exportFormat }: ExportStatusReply): Reading => {
  const { api } = useServices();
  const [reading, setReading] = useState<Reading>({});
  useEffect(() => {
    const facts = known.get(exportId);
    if (facts !== undefined) {
      setReading({ facts });
      return;
    }
    readFactsOf(api, exportId, exportFormat).then(
      (read) => {
        known.set(exportId, read);
        setReading({ facts: read });
      },
      (error: unknown) => {
        const why =
          error instanceof ManifestUnreadable ? error.message : 'It cannot be looked into just now.';
        setReading({ failure: why });
      },
    );
  }, [api, exportId, exportFormat]);
  return reading;
};

/** What is in a finished package, and what is missing and why. */
export const PackageContents = ({ status }: { readonly status: ExportStatusReply }) => {
  const { facts, failure } = useFacts(status);
  const gaps = status.warnings.filter(({ code }) => isOmission(code));
  const remarks = status.warnings.filter(({ code }) => !isOmission(code));
  return (
    <section class="card stack" aria-labelledby="contents">
      <h2 id="contents">What is in it</h2>
      {status.completeness === 'partial' ? (
        <Notice tone="warning" title="Some statement files are missing">
          <p>All records are in the package. These files could not be read, and are listed in it:</p>
          <WarningList warnings={gaps} />
          {facts === undefined || facts.missing.length === 0 ? null : (
            <MissingFiles missing={facts.missing} />
          )}
        </Notice>
      ) : (
        <p>Nothing is missing: every record and every file that was found is in the package.</p>
      )}
      {status.counts === null ? null : <CountsTable counts={status.counts} />}
      {remarks.length === 0 ? null : (
        <details>
          <summary>{countOf(remarks.length, 'remark')} about the records themselves</summary>
          <p class="quiet">These were so before the export. They are in the package as they are.</p>
          <WarningList warnings={remarks} />
        </details>
      )}
      <h3>Transactions by month</h3>
      {facts === undefined ? (
        <p class="quiet plot-place">{failure ?? 'Looking into the package …'}</p>
      ) : (
        <MonthPlot months={facts.months} undated={facts.undated} />
      )}
    </section>
  );
};
