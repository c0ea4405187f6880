import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Takes the focus into an element when what had it has gone, which is looked at after each change of `view`. The element
 * needs `tabIndex={-1}`.
 */
export const useKeptFocus = <Kept extends HTMLElement>(view: unknown): RefObject<Kept | null> => {
  const element = useRef<Kept>(null);
  const isFirst = useRef(true);
  useLayoutEffect(() => {
    if (!isFirst.current && document.activeElement === document.body) element.current?.focus();
    isFirst.current = false;
  }, [view]);
  return element;
};
