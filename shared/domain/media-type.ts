/** Statement formats by file extension; the extension is the user's word, so this is a hint and nothing depends on it. */
const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  ['csv', 'text/csv'],
  ['json', 'application/json'],
  ['ofx', 'application/x-ofx'],
  ['pdf', 'application/pdf'],
  ['qfx', 'application/x-ofx'],
  ['qif', 'application/x-qif'],
  ['txt', 'text/plain'],
  ['xls', 'application/vnd.ms-excel'],
  ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
]);

export const mediaTypeOf = (path: string): string =>
  MEDIA_TYPES.get(path.slice(path.lastIndexOf('.') + 1).toLowerCase()) ?? 'application/octet-stream';
