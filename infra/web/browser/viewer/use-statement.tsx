import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog } from './dialog.tsx';
import { bytesText } from './figures.ts';
import type { Ask } from './package-session.ts';
import { openPdf, saveFile } from './saved-file.ts';
import { beginningOf, fileNameOf, isPdf, statementKind } from './statement-content.ts';

/** More than anybody reads in a dialog. */
const SHOWN_BYTES = 1_000_000;

interface OpenStatement {
  readonly path: string;
  readonly file: Blob;
  readonly text: string;
}

const StatementDialog = ({ path, file, text, onClose }: OpenStatement & { readonly onClose: () => void }) => (
  <Dialog title={fileNameOf(path)} onClose={onClose}>
    <p>
      <button type="button" onClick={() => saveFile(file, fileNameOf(path))}>
        Save this file
      </button>
    </p>
    {file.size > SHOWN_BYTES && (
      <p class="quiet">
        The first {bytesText(SHOWN_BYTES)} of {bytesText(file.size)} are shown.
      </p>
    )}
    <pre class="statement">{text}</pre>
  </Dialog>
);

export interface Statements {
  readonly open: (path: string) => void;
  readonly save: (path: string) => void;
  /** To be shown somewhere. */
  readonly dialog: VNode | undefined;
  /** What went wrong with the last one; empty where nothing did. */
  readonly failure: string;
}

/** Opens statement files of a package: text in a dialog, PDF in a tab; whatever else they are, they are saved. */
export const useStatement = (ask: Ask): Statements => {
  const [shown, setShown] = useState<OpenStatement>();
  const [failure, setFailure] = useState('');

  const withFile = async (path: string, use: (file: Blob) => unknown): Promise<void> => {
    const found = await ask('entry', path);
    setFailure(found === null ? `${fileNameOf(path)} cannot be read from the package.` : '');
    if (found !== null) await use(found.answer);
  };

  const opened = async (path: string, file: Blob): Promise<void> => {
    const kind = statementKind(path);
    if (kind === 'text') setShown({ path, file, text: await beginningOf(file, SHOWN_BYTES) });
    else if (kind === 'pdf' && (await isPdf(file))) openPdf(file);
    else saveFile(file, fileNameOf(path));
  };

  return {
    open: (path) => void withFile(path, (file) => opened(path, file)),
    save: (path) => void withFile(path, (file) => saveFile(file, fileNameOf(path))),
    dialog: shown && <StatementDialog {...shown} onClose={() => setShown(undefined)} />,
    failure,
  };
};
