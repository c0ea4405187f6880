import { describe, expect, it } from '@jest/globals';
import { compileEventPattern } from '../../infra/local/event-bridge/event-pattern.ts';

const EVENT = {
  source: 'export.service',
  'detail-type': 'export.completed',
  detail: { size: 300, name: 'Küche.ZIP', tags: ['a', 'b'], nested: { flag: true, nothing: null }, zero: 0 },
};

const PATTERNS: readonly [pattern: object, matches: boolean][] = [
  [{ source: ['export.service'] }, true],
  [{ source: ['other', 'export.service'] }, true],
  [{ source: ['export'] }, false],
  [{ source: ['export.service'], 'detail-type': ['export.failed'] }, false],
  [{ detail: { size: [300] } }, true],
  [{ detail: { size: ['300'] } }, false],
  [{ detail: { nested: { flag: [true], nothing: [null] } } }, true],
  [{ detail: { missing: [null] } }, false],
  [{ detail: { zero: [0] } }, true],
  [{ detail: { tags: ['b', 'c'] } }, true],
  [{ detail: { tags: ['c'] } }, false],
  [{ source: [{ prefix: 'export.' }] }, true],
  [{ source: [{ prefix: 'Export.' }] }, false],
  [{ source: [{ prefix: { 'equals-ignore-case': 'EXPORT.' } }] }, true],
  [{ detail: { name: [{ suffix: '.ZIP' }] } }, true],
  [{ detail: { name: [{ suffix: '.zip' }] } }, false],
  [{ detail: { name: [{ suffix: { 'equals-ignore-case': '.zip' } }] } }, true],
  [{ detail: { name: [{ 'equals-ignore-case': 'küche.zip' }] } }, true],
  [{ detail: { name: [{ wildcard: 'K*.Z*P' }] } }, true],
  [{ detail: { name: [{ wildcard: 'K*.ZI' }] } }, false],
  [{ source: [{ wildcard: 'export?service' }] }, false],
  [{ source: [{ 'anything-but': 'other' }] }, true],
  [{ source: [{ 'anything-but': ['other', 'export.service'] }] }, false],
  [{ source: [{ 'anything-but': { prefix: 'export' } }] }, false],
  [{ source: [{ 'anything-but': { suffix: ['.x', '.y'] } }] }, true],
  [{ source: [{ 'anything-but': { 'equals-ignore-case': 'EXPORT.SERVICE' } }] }, false],
  [{ source: [{ 'anything-but': { wildcard: '*.service' } }] }, false],
  [{ detail: { missing: [{ 'anything-but': 'x' }] } }, false],
  [{ detail: { size: [{ numeric: ['>', 299, '<=', 300] }] } }, true],
  [{ detail: { size: [{ numeric: ['<', 300] }] } }, false],
  [{ detail: { size: [{ numeric: ['=', 300] }] } }, true],
  [{ detail: { name: [{ numeric: ['>', 0] }] } }, false],
  [{ detail: { name: [{ exists: true }] } }, true],
  [{ detail: { missing: [{ exists: false }] } }, true],
  [{ detail: { nested: { deep: { deeper: [{ exists: false }] } } } }, true],
  [{ detail: { name: [{ exists: false }] } }, false],
  [{ $or: [{ source: ['other'] }, { detail: { size: [300] } }] }, true],
  [{ $or: [{ source: ['other'] }, { detail: { size: [301] } }] }, false],
  [{ source: ['export.service'], detail: { $or: [{ size: [1] }, { zero: [0] }] } }, true],
];

const REFUSED: readonly [pattern: unknown, reason: RegExp][] = [
  [{}, /Empty objects/],
  [[], /must be an object/],
  [{ source: 'export.service' }, /object or an array/],
  [{ source: [] }, /Empty arrays/],
  [{ source: [{ cidr: '10.0.0.0/8' }] }, /cidr/],
  [{ source: [{ prefix: 1 }] }, /prefix/],
  [{ source: [{ prefix: 'a', suffix: 'b' }] }, /exactly one/],
  [{ source: [{ exists: 'yes' }] }, /exists/],
  [{ source: [{ numeric: ['!=', 1] }] }, /numeric/],
  [{ source: [{ numeric: ['>'] }] }, /numeric/],
  [{ source: [{ 'anything-but': [] }] }, /anything-but/],
  [{ source: [{ 'anything-but': { numeric: ['>', 1] } }] }, /anything-but/],
  [{ source: [{ wildcard: 'a**b' }] }, /wildcard/],
  [{ source: [{ toString: 'a' }] }, /toString/],
  [{ $or: [{ source: ['a'] }] }, /\$or/],
];

describe('an event pattern', () => {
  it.each(PATTERNS)('%j gives %s', (pattern, matches) => {
    expect(compileEventPattern(pattern)(EVENT)).toBe(matches);
  });

  it.each(REFUSED)('%j is refused', (pattern, reason) => {
    expect(() => compileEventPattern(pattern)).toThrow(reason);
  });
});
