import { ExportRow } from './export-row.tsx';
import { TroubleNotice } from './notice.tsx';
import { useServices } from './services.ts';
import type { ExportListState } from './use-export-list.ts';

/** All exports of the person, newest first. */
export const ExportList = ({ list }: { readonly list: ExportListState }) => {
  const { exports, hasMore, trouble, refresh, loadMore } = list;
  const { isExpired } = useServices();
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
        <ul class="card rows">
          {exports.map((item) => (
            <ExportRow key={item.exportId} item={item} />
          ))}
        </ul>
      )}
      {hasMore ? (
        <button type="button" onClick={() => void loadMore()}>
          Show older exports
        </button>
      ) : null}
    </section>
  );
};
