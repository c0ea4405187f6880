/** How long a browser may take to begin reading what it is told to save or open. */
const READ_WITHIN_MS = 60_000;

const withUrl = (blob: Blob, use: (url: string) => void): void => {
  const url = URL.createObjectURL(blob);
  use(url);
  setTimeout(() => URL.revokeObjectURL(url), READ_WITHIN_MS);
};

/** Hands a file to the browser to be saved; its own type is never looked at. */
export const saveFile = (file: Blob, name: string): void =>
  withUrl(new Blob([file], { type: 'application/octet-stream' }), (url) => {
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
  });

/** Opens a PDF in a tab that knows nothing of this page. */
export const openPdf = (file: Blob): void =>
  withUrl(new Blob([file], { type: 'application/pdf' }), (url) => {
    window.open(url, '_blank', 'noopener');
  });
