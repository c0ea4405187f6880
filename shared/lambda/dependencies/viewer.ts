import { readFile } from 'node:fs/promises';

/** Reads the page that goes into each ZIP, which is deployed beside the function. */
export const viewerPage =
  ({ VIEWER_FILE }: { readonly VIEWER_FILE: string }) =>
  (): Promise<Uint8Array> =>
    readFile(VIEWER_FILE);
