/** A list of rows of one height, of which a window shows some; lengths in CSS pixels. */
export interface Geometry {
  readonly rows: number;
  readonly rowHeight: number;
  /** Of the window. */
  readonly height: number;
}

/**
 * Where the list is: `scrollTop` is the scrollbar's, `top` the place in the list that the window begins with. The two differ
 * where the list is longer than any element may be.
 */
export interface Place {
  readonly scrollTop: number;
  readonly top: number;
}

/** No browser lays out elements of more than some 17 million pixels. */
export const LARGEST_HEIGHT = 8_000_000;
/** So far from either end scrollbar and list move together, so that every row there can be reached by the wheel. */
const END_ZONE = 100_000;
/** A move of so many windows is one by wheel or key, and the list moves just as far; a longer one is a drag. */
const STEP_WINDOWS = 2;

const clamped = (value: number, most: number): number => Math.min(Math.max(0, value), Math.max(0, most));

/** How high the element is that is scrolled. */
export const scrolledHeight = ({ rows, rowHeight }: Geometry): number =>
  Math.min(rows * rowHeight, LARGEST_HEIGHT);

const lastTop = ({ rows, rowHeight, height }: Geometry): number => Math.max(0, rows * rowHeight - height);
const lastScrollTop = (geometry: Geometry): number => Math.max(0, scrolledHeight(geometry) - geometry.height);

/** Maps a length onto another so that both ends stay as they are and what lies between is stretched. */
const stretched = (value: number, from: number, to: number): number => {
  if (from === to) return value;
  const zone = Math.min(END_ZONE, from / 2, to / 2);
  if (value <= zone) return value;
  if (value >= from - zone) return to - (from - value);
  return zone + ((value - zone) * (to - 2 * zone)) / (from - 2 * zone);
};

/** The place whose window begins with `top`. */
export const placeAt = (geometry: Geometry, top: number): Place => {
  const within = clamped(top, lastTop(geometry));
  return { top: within, scrollTop: stretched(within, lastTop(geometry), lastScrollTop(geometry)) };
};

/** Where the list is after the scrollbar has moved to `scrollTop`. */
export const scrolledTo = (geometry: Geometry, from: Place, scrollTop: number): Place => {
  const [most, last] = [lastScrollTop(geometry), lastTop(geometry)];
  if (scrollTop <= 0) return { scrollTop: 0, top: 0 };
  if (scrollTop >= most) return { scrollTop: most, top: last };
  const moved = scrollTop - from.scrollTop;
  const top =
    Math.abs(moved) <= STEP_WINDOWS * geometry.height
      ? clamped(from.top + moved, last)
      : stretched(scrollTop, most, last);
  return { scrollTop, top };
};

/** The rows that the window shows, and `spare` more on either side; `to` is exclusive. */
export const rowsInWindow = (
  { rows, rowHeight, height }: Geometry,
  top: number,
  spare: number,
): { from: number; to: number } => ({
  from: clamped(Math.floor(top / rowHeight) - spare, rows),
  to: clamped(Math.ceil((top + height) / rowHeight) + spare, rows),
});

/** Where the window has to begin to show a row whole, moved as little as that takes. */
export const topShowing = ({ rowHeight, height }: Geometry, top: number, row: number): number => {
  const [begins, ends] = [row * rowHeight, (row + 1) * rowHeight];
  if (begins < top) return begins;
  return ends > top + height ? ends - height : top;
};

/** Which row a key moves to from another; undefined for a key that moves to none. */
export const rowAfterKey = (
  { rows, rowHeight, height }: Geometry,
  row: number,
  key: string,
): number | undefined => {
  const page = Math.max(1, Math.floor(height / rowHeight) - 1);
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: row + 1,
    ArrowUp: row - 1,
    PageDown: row + page,
    PageUp: row - page,
    Home: 0,
    End: rows - 1,
  };
  const target = targets[key];
  return target === undefined ? undefined : clamped(target, rows - 1);
};
