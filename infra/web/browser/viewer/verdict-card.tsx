import { bytesText, counted, countText } from './figures.ts';
import type { PackageState } from './package-state.ts';
import type { CheckProgress, Problem, Verdict } from './protocol.ts';

const Checking = ({ progress }: { readonly progress: CheckProgress }) => {
  const { checkedBytes, totalBytes, checkedEntries, totalEntries } = progress;
  return (
    <>
      <progress
        aria-label="Checked so far"
        max={Math.max(1, totalBytes)}
        value={Math.min(checkedBytes, totalBytes)}
      />
      <p class="quiet figures">
        {bytesText(checkedBytes)} of {bytesText(totalBytes)}, {countText(checkedEntries)} of{' '}
        {counted(totalEntries, 'part')}
      </p>
    </>
  );
};

const Problems = ({ problems, problemCount }: Verdict) => (
  <>
    <ul class="problems">
      {problems.map(({ where, fact }: Problem) => (
        <li key={where + fact}>
          <code>
            <bdi>{where}</bdi>
          </code>{' '}
          {fact}
        </li>
      ))}
    </ul>
    {problemCount > problems.length && <p>And {countText(problemCount - problems.length)} more.</p>}
    <p>
      Do not rely on this copy. Download the package again, and check that one; if it has the same problems,
      make a new export.
    </p>
  </>
);

const Scope = ({ packageHash }: { readonly packageHash: string | undefined }) => (
  <details>
    <summary>What was checked, and what not</summary>
    <p>
      Every part of the package was read and compared with <code>manifest.json</code> and{' '}
      <code>checksums.sha256</code>: its size, and its SHA-256 fingerprint, which changes with any byte; that
      no part is missing and none is there that they do not list. The records of each section were counted;
      the transactions of each month were counted, and those of each account added up in exact decimals, and
      compared with the manifest.
    </p>
    <p>
      Not checked: the ZIP's own headers byte by byte, the order of the records, and whether any stands there
      twice. <code>npm run verify</code> of the export service checks those too.
    </p>
    <p>
      Whoever can change a package can also change the lists in it. That it is the very one that was made, you
      know when its own SHA-256 is the one that the application shows for it.
    </p>
    {packageHash !== undefined && (
      <p>
        SHA-256 of the whole file: <code class="hash">{packageHash}</code>
      </p>
    )}
  </details>
);

const sentenceOf = (verdict: Verdict | undefined): string => {
  if (verdict === undefined) return 'Checking every part of the package…';
  if (verdict.problemCount > 0) {
    return `This package is not as it was made: ${counted(verdict.problemCount, 'problem')} found.`;
  }
  return `This package is whole and unchanged: all ${counted(verdict.entries, 'part')} are as its manifest states.`;
};

const toneOf = (verdict: Verdict | undefined): string => {
  if (verdict === undefined) return '';
  return verdict.problemCount === 0 ? 'good' : 'bad';
};

/** How the check goes, and what it has found. */
export const VerdictCard = ({ verdict, progress, packageHash }: PackageState) => (
  <section class={`card verdict ${toneOf(verdict)}`} aria-label="Check of the package">
    <p class="sentence" role="status">
      {sentenceOf(verdict)}
    </p>
    {verdict === undefined && <Checking progress={progress} />}
    {verdict !== undefined && verdict.problemCount > 0 && <Problems {...verdict} />}
    {verdict !== undefined && <Scope packageHash={packageHash} />}
  </section>
);
