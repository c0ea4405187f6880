import { describe, expect, it } from '@jest/globals';
import { mediaTypeOf } from '../../../../shared/domain/media-type.ts';

describe('the media type of a file', () => {
  it.each([
    ['files/x/a.csv', 'text/csv'],
    ['files/x/A.CSV', 'text/csv'],
    ['files/x/a.tar.pdf', 'application/pdf'],
    ['files/x/unnamed', 'application/octet-stream'],
    ['files/x/a.constructor', 'application/octet-stream'],
    ['files/x/csv', 'application/octet-stream'],
  ])('of %s is %s', (path, type) => {
    expect(mediaTypeOf(path)).toBe(type);
  });
});
