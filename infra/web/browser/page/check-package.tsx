import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { PackageViewerProps } from '../viewer/package-viewer.tsx';
import { useTitle } from './hooks.ts';
import { Notice } from './notice.tsx';

/** The viewer, which is loaded when it is first wanted. */
const useViewer = () => {
  const [viewer, setViewer] = useState<{ readonly Viewer: FunctionComponent<PackageViewerProps> }>();
  const [hasFailed, setHasFailed] = useState(false);
  useEffect(() => {
    import('../viewer/package-viewer.tsx').then(
      ({ PackageViewer }) => setViewer({ Viewer: PackageViewer }),
      () => setHasFailed(true),
    );
  }, []);
  return { viewer, hasFailed };
};

/** Checks a package that has been saved, and lets its owner look through it; nothing of it leaves the machine. */
export const CheckPackage = ({ file }: { readonly file: File | undefined }) => {
  const { viewer, hasFailed } = useViewer();
  useTitle('Check a package');
  return (
    <section class="check-page stack" aria-labelledby="check">
      <h1 id="check">Check a package</h1>
      {viewer === undefined ? null : <viewer.Viewer file={file} />}
      {viewer === undefined && !hasFailed ? <p class="quiet">Loading …</p> : null}
      {hasFailed ? (
        <Notice tone="bad" title="The viewer could not be loaded" isAlert>
          <p>
            Check your connection, then try again. Each package also has its own viewer in it: viewer.html.
          </p>
          <button type="button" onClick={() => location.reload()}>
            Try again
          </button>
        </Notice>
      ) : null}
    </section>
  );
};
