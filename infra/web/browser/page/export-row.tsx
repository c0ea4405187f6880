import type { ListedExport } from '../../../../shared/api/replies.ts';
import { CopyHash } from './copy-hash.tsx';
import { exportHash, useNow, useWatched } from './hooks.ts';
import { durationText, instantText, sizeText } from './quantities.ts';
import { StatusBadge } from './status-badge.tsx';
import { isRunning, PHASE_TEXTS, TYPE_TEXTS } from './words.ts';

export const titleOf = ({
  description,
  exportType,
}: Pick<ListedExport, 'description' | 'exportType'>): string => description ?? TYPE_TEXTS[exportType].name;

/** What the title does not say already: `Everything, ZIP`, or `ZIP`. */
export const kindOf = ({
  description,
  exportType,
  exportFormat,
}: Pick<ListedExport, 'description' | 'exportType' | 'exportFormat'>): string => {
  const format = exportFormat === 'zip' ? 'ZIP' : 'JSON';
  return description === null ? format : `${TYPE_TEXTS[exportType].name}, ${format}`;
};

/** As it is at this moment: a package's time may be over before anybody is told. */
export const statusAt = <T extends ListedExport['status']>(
  status: T,
  expiresAt: number | null,
  now: number,
): T | 'expired' => (status === 'completed' && expiresAt !== null && now >= expiresAt ? 'expired' : status);

const Title = ({ item }: { readonly item: ListedExport }) => (
  <h3>
    <a href={exportHash(item.exportId)}>{titleOf(item)}</a>
  </h3>
);

const RowFrame = ({
  item,
  status,
  isPartial,
  children,
}: {
  readonly item: ListedExport;
  readonly status: ListedExport['status'];
  readonly isPartial: boolean;
  readonly children?: preact.ComponentChildren;
}) => (
  <>
    <div class="row-head">
      <Title item={item} />
      <StatusBadge status={status} isPartial={isPartial} />
    </div>
    <p class="quiet small">
      {kindOf(item)},{' '}
      <time dateTime={new Date(item.requestedAt).toISOString()}>{instantText(item.requestedAt)}</time>
    </p>
    {children}
  </>
);

/** One whose progress or package is followed. */
const LivelyRow = ({ item }: { readonly item: ListedExport }) => {
  const { status } = useWatched(item.exportId);
  const now = useNow(1000);
  const expiresAt = typeof status?.expiresAt === 'string' ? Date.parse(status.expiresAt) : item.expiresAt;
  const current = statusAt(status?.status ?? item.status, expiresAt, now);
  const size = status?.packageSize ?? item.packageSize;
  const sha256 = status?.sha256 ?? null;
  return (
    <RowFrame item={item} status={current} isPartial={status?.completeness === 'partial'}>
      {isRunning(current) ? (
        <div class="row-progress">
          <progress
            value={status?.progress ?? item.progress}
            max={100}
            aria-label={`Progress of ${titleOf(item)}`}
          />
          <span class="quiet small figures">
            {status?.currentPhase ? PHASE_TEXTS[status.currentPhase] : 'Waiting to begin'}
          </span>
        </div>
      ) : null}
      {current === 'completed' && size !== null && expiresAt !== null ? (
        <p class="small row-facts">
          <span class="figures">{sizeText(size)}</span>
          <span class="figures">{durationText(expiresAt - now)} left</span>
          {status?.completeness === 'complete' ? <span>Complete</span> : null}
          {sha256 === null ? null : (
            <span>
              SHA-256 <CopyHash sha256={sha256} />
            </span>
          )}
        </p>
      ) : null}
    </RowFrame>
  );
};

const AT_REST: readonly ListedExport['status'][] = ['failed', 'expired'];

export const ExportRow = ({ item }: { readonly item: ListedExport }) => (
  <li class="export-row">
    {AT_REST.includes(item.status) ? (
      <RowFrame item={item} status={item.status} isPartial={false} />
    ) : (
      <LivelyRow item={item} />
    )}
  </li>
);
