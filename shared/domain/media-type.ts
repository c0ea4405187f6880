import { VIEWER_PATH } from './package-paths.ts';

/** Statement formats by file extension; the extension is the user's word, so this is a hint and nothing depends on it. */
const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  ['csv', 'text/csv'],
  ['gz', 'application/gzip'],
  ['heic', 'image/heic'],
  ['jpeg', 'image/jpeg'],
  ['jpg', 'image/jpeg'],
  ['json', 'application/json'],
  ['ods', 'application/vnd.oasis.opendocument.spreadsheet'],
  ['ofx', 'application/x-ofx'],
  ['pdf', 'application/pdf'],
  ['png', 'image/png'],
  ['qfx', 'application/x-ofx'],
  ['qif', 'application/x-qif'],
  ['txt', 'text/plain'],
  ['webp', 'image/webp'],
  ['xls', 'application/vnd.ms-excel'],
  ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['xml', 'application/xml'],
  ['zip', 'application/zip'],
]);

/** No statement file is told to be a page, which a browser would run. */
export const mediaTypeOf = (path: string): string =>
  path === VIEWER_PATH
    ? 'text/html'
    : (MEDIA_TYPES.get(path.slice(path.lastIndexOf('.') + 1).toLowerCase()) ?? 'application/octet-stream');

/** Formats whose inside is compressed: to deflate them takes twenty times as long as to copy them, and saves next to nothing. */
const COMPRESSED: ReadonlySet<string> = new Set([
  'application/gzip',
  'application/pdf',
  'application/vnd.oasis.opendocument.spreadsheet',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/zip',
  'image/heic',
  'image/jpeg',
  'image/png',
  'image/webp',
]);

export const isCompressed = (mediaType: string): boolean => COMPRESSED.has(mediaType);
