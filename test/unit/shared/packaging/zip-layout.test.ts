import { describe, expect, it } from '@jest/globals';
import {
  centralHeader,
  dataDescriptor,
  endRecords,
  localHeader,
  type ZipEntry,
} from '../../../../shared/packaging/zip-layout.ts';

const GIB = 1024 ** 3;

const SMALL: ZipEntry = {
  path: 'a',
  method: 8,
  modified: 0x5d776000,
  crc32: 0x8d3d51e3,
  packedBytes: 10,
  bytes: 23,
  offset: 0x3d,
};
const LARGE: ZipEntry = { ...SMALL, packedBytes: 5 * GIB, bytes: 6 * GIB, offset: 7 * GIB };

/** Hex as it stands in a dump. */
const hex = (text: string): string => text.replaceAll(/\s/g, '');

const FIVE = '0000004001000000';
const SIX = '0000008001000000';
const SEVEN = '000000c001000000';

describe("a ZIP's own records", () => {
  it('mark a name as UTF-8 only when it is not ASCII', () => {
    expect(localHeader(SMALL).toString('hex')).toBe(
      hex('504b0304 1400 0800 0800 0060775d 00000000 00000000 00000000 0100 0000 61'),
    );
    expect(localHeader({ ...SMALL, path: 'ä' }).toString('hex')).toBe(
      hex('504b0304 1400 0808 0800 0060775d 00000000 00000000 00000000 0200 0000 c3a4'),
    );
  });

  it('have the sizes of a stored entry before it, and nothing behind it', () => {
    const stored = { ...SMALL, method: 0, packedBytes: 23 };
    expect(localHeader(stored).toString('hex')).toBe(
      hex('504b0304 0a00 0000 0000 0060775d e3513d8d 17000000 17000000 0100 0000 61'),
    );
    expect(
      localHeader({ ...stored, path: 'ä' })
        .subarray(4, 10)
        .toString('hex'),
    ).toBe('0a0000080000');
    expect(dataDescriptor(stored)).toHaveLength(0);
    expect(centralHeader(stored).toString('hex')).toBe(
      hex(`504b0102 2d03 0a00 0000 0000 0060775d e3513d8d 17000000 17000000
           0100 0000 0000 0000 0000 2000a481 3d000000 61`),
    );
    expect(
      centralHeader({ ...stored, offset: 7 * GIB })
        .subarray(6, 8)
        .toString('hex'),
    ).toBe('2d00');
  });

  it('have 32-bit sizes as long as those are enough', () => {
    expect(dataDescriptor(SMALL).toString('hex')).toBe(hex('504b0708 e3513d8d 0a000000 17000000'));
    expect(centralHeader(SMALL).toString('hex')).toBe(
      hex(`504b0102 2d03 1400 0800 0800 0060775d e3513d8d 0a000000 17000000
           0100 0000 0000 0000 0000 2000a481 3d000000 61`),
    );
    expect(endRecords({ entries: 2, bytes: 101, offset: 113 }).toString('hex')).toBe(
      hex('504b0506 0000 0000 0200 0200 65000000 71000000 0000'),
    );
  });

  it('have 64-bit sizes for an entry above 4 GiB', () => {
    expect(dataDescriptor(LARGE).toString('hex')).toBe(hex(`504b0708 e3513d8d ${FIVE} ${SIX}`));
    expect(centralHeader(LARGE).toString('hex')).toBe(
      hex(`504b0102 2d03 2d00 0800 0800 0060775d e3513d8d ffffffff ffffffff
           0100 1c00 0000 0000 0000 2000a481 ffffffff 61
           0100 1800 ${SIX} ${FIVE} ${SEVEN}`),
    );
  });

  it('have a 64-bit offset, but a 32-bit descriptor, for a small entry behind 4 GiB', () => {
    const behind = { ...SMALL, offset: 7 * GIB };
    expect(dataDescriptor(behind)).toEqual(dataDescriptor(SMALL));
    expect(centralHeader(behind).toString('hex')).toMatch(
      new RegExp(`01001800${hex('1700000000000000 0a00000000000000')}${SEVEN}$`),
    );
  });

  it.each([
    ['entries', { entries: 65_536, bytes: 101, offset: 113 }],
    ['bytes of entries', { entries: 2, bytes: 101, offset: 7 * GIB }],
  ])('end with ZIP64 records when there are too many %s', (_what, directory) => {
    const count = directory.entries === 2 ? '0200000000000000' : '0000010000000000';
    const offset = directory.offset === 113 ? '7100000000000000' : SEVEN;
    const behind = directory.offset === 113 ? 'd600000000000000' : '650000c001000000';
    expect(endRecords(directory).toString('hex')).toBe(
      hex(`504b0606 2c00000000000000 2d00 2d00 00000000 00000000 ${count} ${count} 6500000000000000 ${offset}
           504b0607 00000000 ${behind} 01000000
           504b0506 0000 0000 ffff ffff ffffffff ffffffff 0000`),
    );
  });
});
