import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  LARGEST_HEIGHT,
  placeAt,
  rowAfterKey,
  rowsInWindow,
  scrolledHeight,
  scrolledTo,
  topShowing,
  type Geometry,
} from '../../../../infra/web/browser/viewer/virtual-scroll.ts';

const geometry = fc.record<Geometry>({
  rows: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 3_000_000 })),
  rowHeight: fc.integer({ min: 20, max: 90 }),
  height: fc.integer({ min: 90, max: 1500 }),
});
const share = fc.double({ min: 0, max: 1, noNaN: true });

const lastTop = ({ rows, rowHeight, height }: Geometry): number => Math.max(0, rows * rowHeight - height);

describe('a list that may be longer than any element', () => {
  it('is never higher than browsers can lay out', () => {
    fc.assert(
      fc.property(geometry, (list) => {
        expect(scrolledHeight(list)).toBeLessThanOrEqual(LARGEST_HEIGHT);
        expect(scrolledHeight(list)).toBe(Math.min(list.rows * list.rowHeight, LARGEST_HEIGHT));
      }),
    );
  });

  it('shows its first row at the top of the scrollbar and its last at the bottom', () => {
    fc.assert(
      fc.property(geometry, share, (list, from) => {
        const place = placeAt(list, from * lastTop(list));
        const bottom = Math.max(0, scrolledHeight(list) - list.height);
        expect(scrolledTo(list, place, 0).top).toBe(0);
        if (bottom > 0) expect(scrolledTo(list, place, bottom).top).toBe(lastTop(list));
      }),
    );
  });

  it('moves by as much as the wheel does, wherever it is, but for its ends', () => {
    fc.assert(
      fc.property(geometry, share, fc.integer({ min: -180, max: 180 }), (list, from, wheel) => {
        const place = placeAt(list, from * lastTop(list));
        const scrollTop = place.scrollTop + wheel;
        fc.pre(scrollTop > 0 && scrollTop < scrolledHeight(list) - list.height);
        expect(scrolledTo(list, place, scrollTop).top).toBeCloseTo(
          Math.min(Math.max(0, place.top + wheel), lastTop(list)),
          3,
        );
      }),
    );
  });

  it('comes to the same place by a drag of the scrollbar as it was told to go to', () => {
    fc.assert(
      fc.property(geometry, share, share, (list, from, to) => {
        const [start, target] = [placeAt(list, from * lastTop(list)), placeAt(list, to * lastTop(list))];
        fc.pre(Math.abs(start.scrollTop - target.scrollTop) > 2 * list.height);
        const { top } = scrolledTo(list, start, target.scrollTop);
        expect(Math.abs(top - target.top)).toBeLessThan(1);
      }),
    );
  });

  it('draws every row that the window shows', () => {
    fc.assert(
      fc.property(geometry, share, (list, at) => {
        const { top } = placeAt(list, at * lastTop(list));
        const { from, to } = rowsInWindow(list, top, 3);
        expect(from * list.rowHeight).toBeLessThanOrEqual(top);
        expect(to * list.rowHeight).toBeGreaterThanOrEqual(
          Math.min(top + list.height, list.rows * list.rowHeight),
        );
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(list.rows);
        expect(to - from).toBeLessThanOrEqual(Math.ceil(list.height / list.rowHeight) + 8);
      }),
    );
  });

  it('shows a row whole that a key has moved to', () => {
    const keys = fc.constantFrom('ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End');
    fc.assert(
      fc.property(geometry, share, keys, (list, at, key) => {
        fc.pre(list.rows > 0);
        const row = rowAfterKey(list, Math.floor(at * (list.rows - 1)), key) ?? NaN;
        const top = topShowing(list, at * lastTop(list), row);
        expect(row * list.rowHeight).toBeGreaterThanOrEqual(top);
        expect((row + 1) * list.rowHeight).toBeLessThanOrEqual(top + list.height + 0.001);
      }),
    );
  });

  it('leaves other keys alone', () => {
    expect(rowAfterKey({ rows: 10, rowHeight: 40, height: 400 }, 3, 'a')).toBeUndefined();
  });
});
