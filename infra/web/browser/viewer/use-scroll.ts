import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { placeAt, scrolledTo, type Geometry, type Place } from './virtual-scroll.ts';

const AT_REST_MS = 150;
const NARROW = '(max-width: 40rem)';
/** Rows are as high as two lines of text where there is no room for columns. */
const ROW_REM = { narrow: 4.25, wide: 2.75 };
const HEAD_REM = 2.75;

const remPixels = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

/** Scrolls a list of any length in an element: gives the list's geometry and place, and moves it. */
export const useScroll = (rows: number) => {
  const element = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ rowHeight: 44, headHeight: 44, height: 400 });
  const [place, setPlace] = useState<Place>({ scrollTop: 0, top: 0 });
  const geometry: Geometry = { rows, rowHeight: size.rowHeight, height: size.height };
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);

  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const measure = (): void => {
      const isNarrow = matchMedia(NARROW).matches;
      const rem = remPixels();
      const headHeight = isNarrow ? 0 : HEAD_REM * rem;
      const rowHeight = ROW_REM[isNarrow ? 'narrow' : 'wide'] * rem;
      setSize({ rowHeight, headHeight, height: Math.max(rowHeight, current.clientHeight - headHeight) });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    measure();
    return () => observer.disconnect();
  }, []);

  useEffect(() => () => clearTimeout(rest.current), []);

  const goTo = (top: number): void => {
    const next = placeAt(geometry, top);
    setPlace(next);
    if (element.current !== null) element.current.scrollTop = next.scrollTop;
  };

  const onScroll = (): void => {
    const next = scrolledTo(geometry, place, element.current?.scrollTop ?? 0);
    setPlace(next);
    clearTimeout(rest.current);
    // The scrollbar of a list that is longer than any element may be is put right when nobody moves it.
    rest.current = setTimeout(() => goTo(next.top), AT_REST_MS);
  };

  return { element, geometry, headHeight: size.headHeight, place, goTo, onScroll };
};
