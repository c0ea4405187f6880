import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { Watched } from './export-watch.ts';
import { useServices } from './services.ts';

const useEvent = (target: EventTarget, type: string, listener: () => void): void =>
  useEffect(() => {
    target.addEventListener(type, listener);
    return () => target.removeEventListener(type, listener);
  }, []);

export const useIsOnline = (): boolean => {
  const [isOnline, setIsOnline] = useState(navigator.onLine);
  useEvent(window, 'online', () => setIsOnline(true));
  useEvent(window, 'offline', () => setIsOnline(false));
  return isOnline;
};

const FIRST_TITLE = document.title;

/** Names the tab, and the entry in its history, after what is shown for as long as it is. */
export const useTitle = (title: string): void =>
  useLayoutEffect(() => {
    document.title = `${title} – ${FIRST_TITLE}`;
    return () => {
      document.title = FIRST_TITLE;
    };
  }, [title]);

/** The time in epoch ms, renewed every so many ms. */
export const useNow = (everyMs: number): number => {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
};

/** Where in the page one is, by the address's fragment: `#/exports/{id}`, `#/check`, or the start. */
export type Place =
  | { readonly name: 'start' }
  | { readonly name: 'check' }
  | { readonly name: 'export'; readonly exportId: string };

export const START_HASH = '#/';
export const CHECK_HASH = '#/check';
export const exportHash = (exportId: string): string => `#/exports/${encodeURIComponent(exportId)}`;

const placeOf = (hash: string): Place => {
  if (hash === CHECK_HASH) return { name: 'check' };
  const [, exportId] = /^#\/exports\/([\w-]+)$/.exec(hash) ?? [];
  return exportId === undefined ? { name: 'start' } : { name: 'export', exportId };
};

export const usePlace = (): Place => {
  const [place, setPlace] = useState(placeOf(location.hash));
  useEvent(window, 'hashchange', () => setPlace(placeOf(location.hash)));
  return place;
};

/** What is known of an export, followed for as long as it is shown. */
export const useWatched = (exportId: string): Watched => {
  const watch = useServices().watchOf(exportId);
  const [watched, setWatched] = useState(watch.current);
  useEffect(() => {
    setWatched(watch.current);
    return watch.subscribe(() => setWatched(watch.current));
  }, [watch]);
  return watched;
};
