import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { nameBasedUuid } from '../../../../shared/domain/name-based-uuid.ts';

/** RFC 9562 section 5.5, with whole-number arithmetic where the module works on bytes. */
const uuid5 = (namespace: string, name: string): string => {
  const digest = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest('hex');
  const value = BigInt(`0x${digest.slice(0, 32)}`);
  const versioned = (value & ~(0xfn << 76n)) | (5n << 76n);
  const hex = ((versioned & ~(3n << 62n)) | (2n << 62n)).toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

const NAMESPACE = '6f1d3c0e-52b9-4a7f-9c4e-0a86d1b7e2f3';

describe('an id derived from names', () => {
  it('is compared here with an algorithm that gives the vector of RFC 9562, appendix A.4', () => {
    expect(uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    );
  });

  it('is the version 5 UUID of its parts', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 4 }), (parts) => {
        expect(nameBasedUuid(...parts)).toBe(uuid5(NAMESPACE, JSON.stringify(parts)));
      }),
    );
  });

  it('never changes: keys that clients hold today must find their exports tomorrow', () => {
    // python3: uuid.uuid5(uuid.UUID('6f1d3c0e-52b9-4a7f-9c4e-0a86d1b7e2f3'), '["export","user-1","key-1"]')
    expect(nameBasedUuid('export', 'user-1', 'key-1')).toBe('0c3eb9a2-a21b-5693-8950-0fa1ab04b339');
  });

  it('keeps the borders between its parts', () => {
    expect(nameBasedUuid('ab', 'c')).not.toBe(nameBasedUuid('a', 'bc'));
    expect(nameBasedUuid('a', '')).not.toBe(nameBasedUuid('a'));
    expect(nameBasedUuid('a","b')).not.toBe(nameBasedUuid('a', 'b'));
  });
});
