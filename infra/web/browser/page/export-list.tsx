import { useLayoutEffect, useRef } from 'preact/hooks';
import { ExportRow } from './export-row.tsx';
import { TroubleNotice } from './notice.tsx';
import { useServices } from './services.ts';
import type { ExportListState } from './use-export-list.ts';

/** Once older rows are there, the focus is on the first of them: the button that was pressed for them may be gone. */
const useFocusOnOlder = ({ exports, loadMore }: ExportListState) => {
  const rows = useRef<HTMLUListElement>(null);
  const wanted = useRef<number>(undefined);
  useLayoutEffect(() => {
    const row = wanted.current === undefined ? null : rows.current?.children.item(wanted.current);
    if (row === null || row === undefined) return;
    wanted.current = undefined;
    row.querySelector('a')?.focus();
  }, [exports]);
  const showOlder = (): void => {
    wanted.current = exports?.length;
    void loadMore();
  };
  return { rows, showOlder };
};

/** All exports of the person, newest first. */
export const ExportList = ({ list }: { readonly list: ExportListState }) => {
  const { exports, hasMore, trouble, refresh } = list;
  const { isExpired } = useServices();
  const { rows, showOlder } = useFocusOnOlder(list);
  return (
    <section class="exports" aria-labelledby="exports">
      <h2 id="exports" tabindex={-1}>
        Your exports
      </h2>
      {trouble === undefined || isExpired ? null : <TroubleNotice trouble={trouble} onRetry={refresh} />}
      {exports === undefined && (trouble === undefined || isExpired) ? (
        <p class="quiet">{isExpired ? 'Sign in again to see them.' : 'Reading the list …'}</p>
      ) : null}
      {exports?.length === 0 ? (
        <div class="card empty">
          <p>
            <strong>You have no exports yet</strong>
          </p>
          <p class="quiet">
            When you start one, it appears here. A finished package can be downloaded for a day; then it is
            removed, and you can make a new one at any time.
          </p>
        </div>
      ) : null}
      {exports === undefined || exports.length === 0 ? null : (
        <ul class="card rows" ref={rows}>
          {exports.map((item) => (
            <ExportRow key={item.exportId} item={item} />
          ))}
        </ul>
      )}
      {hasMore ? (
        <button type="button" onClick={showOlder}>
          Show older exports
        </button>
      ) : null}
    </section>
  );
};
