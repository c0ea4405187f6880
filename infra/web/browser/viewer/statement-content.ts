/** A statement file is somebody else's content: it is shown as plain text, given to the browser as a PDF, or saved. */
export type StatementKind = 'text' | 'pdf' | 'other';

const TEXT_EXTENSIONS: ReadonlySet<string> = new Set([
  ...['csv', 'tsv', 'txt', 'ofx', 'qfx', 'qif', 'json', 'xml'],
]);
const PDF_BEGINS = '%PDF-';

/** The last part of a path. */
export const fileNameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** What a file's name promises. */
export const statementKind = (path: string): StatementKind => {
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  if (extension === 'pdf') return 'pdf';
  return TEXT_EXTENSIONS.has(extension) ? 'text' : 'other';
};

/** Whether bytes are those of a PDF. */
export const isPdf = async (file: Blob): Promise<boolean> =>
  (await file.slice(0, PDF_BEGINS.length).text()) === PDF_BEGINS;

/** Banks write UTF-8 or Windows' western letters. */
const decoded = (bytes: ArrayBuffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
};

/** The beginning of a file as text. */
export const beginningOf = async (file: Blob, bytes: number): Promise<string> =>
  decoded(await file.slice(0, bytes).arrayBuffer());
