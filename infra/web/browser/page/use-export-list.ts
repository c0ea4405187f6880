import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ListedExport } from '../../../../shared/api/replies.ts';
import type { ExportApi } from '../../../../shared/client/export-api.ts';
import { mergedList } from './merged-list.ts';
import { troubleOf, type Trouble } from './trouble.ts';

/** How long a change in another place may go unnoticed, ms. */
const REFRESH_MS = 20_000;

export interface ExportListState {
  /** Undefined until the first page has come. */
  readonly exports: readonly ListedExport[] | undefined;
  readonly hasMore: boolean;
  readonly trouble: Trouble | undefined;
  readonly refresh: () => void;
  readonly loadMore: () => Promise<void>;
  /** Tells this tab and the others that an export has been started or deleted. */
  readonly changed: (deletedId?: string) => void;
}

interface Pages {
  readonly exports: readonly ListedExport[];
  /** Asks for the page after the last that has been read. */
  readonly nextToken: string | undefined;
  /** Whether more than the first page has been asked for. */
  readonly isLong: boolean;
}

/** Repeats while the tab is seen, and when it is seen again, or other tabs say that something has changed. */
const useRefreshing = (refresh: () => void): (() => void) => {
  useEffect(() => {
    const refreshSeen = () => {
      if (!document.hidden && navigator.onLine) refresh();
    };
    refresh();
    const timer = setInterval(refreshSeen, REFRESH_MS);
    document.addEventListener('visibilitychange', refreshSeen);
    window.addEventListener('online', refreshSeen);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refreshSeen);
      window.removeEventListener('online', refreshSeen);
    };
  }, [refresh]);
  const [channel] = useState(() => new BroadcastChannel('exports'));
  useEffect(() => {
    channel.onmessage = refresh;
    return () => {
      channel.onmessage = null;
    };
  }, [channel, refresh]);
  return useCallback(() => channel.postMessage('changed'), [channel]);
};

/** The person's exports, newest first, page by page, kept up to date. */
export const useExportList = (api: ExportApi): ExportListState => {
  const [pages, setPages] = useState<Pages>();
  const [trouble, setTrouble] = useState<Trouble>();

  const asked = useRef(0);
  const newest = useRef(0);
  /** Whether an answer tells of the list as it is: no later one has come before it, and nothing was changed meanwhile. */
  const isNews = (turn: number): boolean => {
    if (turn < newest.current) return false;
    newest.current = turn;
    return true;
  };

  const refresh = useCallback(() => {
    const turn = ++asked.current;
    api.list().then(
      ({ exports, nextToken }) => {
        if (!isNews(turn)) return;
        setTrouble(undefined);
        setPages((known) =>
          known?.isLong === true
            ? { ...known, exports: mergedList(known.exports, exports) }
            : { exports, nextToken: nextToken ?? undefined, isLong: false },
        );
      },
      (error: unknown) => {
        if (isNews(turn)) setTrouble(troubleOf(error));
      },
    );
  }, [api]);
  const tellOthers = useRefreshing(refresh);

  return {
    exports: pages?.exports,
    hasMore: pages?.nextToken !== undefined,
    trouble,
    refresh,
    changed: (deletedId) => {
      setPages(
        (known) => known && { ...known, exports: known.exports.filter((one) => one.exportId !== deletedId) },
      );
      newest.current = asked.current + 1;
      tellOthers();
      refresh();
    },
    loadMore: async () => {
      if (pages?.nextToken === undefined) return;
      try {
        const { exports, nextToken } = await api.list({ nextToken: pages.nextToken });
        setPages(({ exports: shown } = pages) => {
          const known = new Set(shown.map(({ exportId }) => exportId));
          const added = exports.filter(({ exportId }) => !known.has(exportId));
          return { exports: [...shown, ...added], nextToken: nextToken ?? undefined, isLong: true };
        });
      } catch (error) {
        setTrouble(troubleOf(error));
      }
    },
  };
};
