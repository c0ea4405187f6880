import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { ExportStatusReply } from '../../../../shared/api/replies.ts';
import { CopyHash } from './copy-hash.tsx';
import { DownloadButton } from './download-button.tsx';
import { ExportProgress } from './export-progress.tsx';
import { kindOf, statusAt, titleOf } from './export-row.tsx';
import type { Watched } from './export-watch.ts';
import { START_HASH, useNow, useTitle, useWatched } from './hooks.ts';
import { Notice, TroubleNotice } from './notice.tsx';
import { PackageContents } from './package-contents.tsx';
import { durationText, instantText, sizeText } from './quantities.ts';
import { RemoveButton } from './remove-button.tsx';
import { useServices } from './services.ts';
import { StatusBadge } from './status-badge.tsx';
import { isRunning } from './words.ts';

const Ready = ({ status, now }: { readonly status: ExportStatusReply; readonly now: number }) => (
  <dl class="figures-list">
    <div>
      <dt>Size</dt>
      <dd class="figures">{status.packageSize === null ? 'unknown' : sizeText(status.packageSize)}</dd>
    </div>
    <div>
      <dt>Time left to download</dt>
      <dd class="figures">
        {status.expiresAt === null ? 'a while' : durationText(Date.parse(status.expiresAt) - now)}
      </dd>
    </div>
    <div>
      <dt>SHA-256</dt>
      <dd>{status.sha256 === null ? status.sha256Omitted : <CopyHash sha256={status.sha256} />}</dd>
    </div>
  </dl>
);

const Failed = ({ status }: { readonly status: ExportStatusReply }) => (
  <Notice tone="bad" title="The export failed, and nothing of it was kept">
    <p>{status.error ?? 'The export could not be finished.'}</p>
    <p>
      {status.retryable === true
        ? 'Starting a new one is likely to help.'
        : 'Starting it again will not help until this has been looked into.'}
    </p>
    <p class="small">
      For support: <code>{status.errorCode ?? 'unknown'}</code>, <code>{status.exportId}</code>
    </p>
    {status.retryable === true ? <a href={START_HASH}>Start a new export</a> : null}
  </Notice>
);

const Body = ({ status, watched, now }: { status: ExportStatusReply; watched: Watched; now: number }) => {
  switch (status.status) {
    case 'initiated':
    case 'processing':
      return <ExportProgress status={status} advances={watched.advances} />;
    case 'completed':
      return <Ready status={status} now={now} />;
    case 'failed':
      return <Failed status={status} />;
    case 'expired':
      return (
        <p>
          The time to download this package is over, and it has been removed.{' '}
          <a href={START_HASH}>Start a new export</a> to get your data as they are now.
        </p>
      );
    case 'deleting':
      return (
        <p role="status">
          It is being removed. What was still running is stopped first, so this may take some minutes. You
          need not wait here.
        </p>
      );
  }
};

interface ExportDetailsProps {
  readonly exportId: string;
  readonly onRemoved: (exportId: string) => void;
}

const Known = ({
  status: told,
  watched,
  onRemoved,
}: { status: ExportStatusReply; watched: Watched } & ExportDetailsProps) => {
  const now = useNow(1000);
  const expiresAt = told.expiresAt === null ? null : Date.parse(told.expiresAt);
  const status = { ...told, status: statusAt(told.status, expiresAt, now) };
  const heading = useRef<HTMLHeadingElement>(null);
  useSpokenEnd(status.status);
  useTitle(titleOf(status));
  // Also when the buttons have gone that somebody pressed.
  useLayoutEffect(() => heading.current?.focus(), [status.status === 'deleting']);
  return (
    <>
      <section class="card stack" aria-labelledby="export-title">
        <div class="row-head">
          <h1 id="export-title" tabindex={-1} ref={heading}>
            {titleOf(status)}
          </h1>
          <StatusBadge status={status.status} isPartial={status.completeness === 'partial'} />
        </div>
        <p class="quiet">
          {kindOf(status)}
          {status.includeAnalytics ? ', with analytics' : ''}, asked for {instantText(status.requestedAt)}
        </p>
        <Body status={status} watched={watched} now={now} />
        {watched.trouble === undefined ? null : (
          <Notice tone="warning" title={watched.trouble.title}>
            <p>What you see may be out of date. It is tried again by itself.</p>
          </Notice>
        )}
        <div class="buttons">
          {status.status === 'completed' ? <DownloadButton status={status} /> : null}
          {status.status === 'deleting' ? null : (
            <RemoveButton
              exportId={status.exportId}
              isRunning={isRunning(status.status)}
              onAccepted={() => onRemoved(status.exportId)}
            />
          )}
        </div>
      </section>
      {status.status === 'completed' ? <PackageContents status={status} /> : null}
    </>
  );
};

const END_TEXTS: Partial<Record<ExportStatusReply['status'], string>> = {
  completed: 'The export is ready.',
  failed: 'The export failed.',
};

/** Says the end of an export that was seen running. */
const useSpokenEnd = (status: ExportStatusReply['status']): void => {
  const { announce } = useServices();
  const before = useRef(status);
  useEffect(() => {
    const text = END_TEXTS[status];
    if (text !== undefined && isRunning(before.current)) announce(text);
    before.current = status;
  }, [status]);
};

const Gone = () => {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <section class="card stack">
      <h1 tabindex={-1} ref={heading}>
        This export is gone
      </h1>
      <p>It was deleted, or its address is not right. Nothing of it is left.</p>
    </section>
  );
};

/** One export: how far it is, or what came of it. */
export const ExportDetails = ({ exportId, onRemoved }: ExportDetailsProps) => {
  const watched = useWatched(exportId);
  const { status, trouble, isGone } = watched;
  return (
    <div class="details-page stack">
      <p>
        <a href={START_HASH}>All exports</a>
      </p>
      {isGone ? (
        <Gone />
      ) : status === undefined ? (
        trouble === undefined ? (
          <p class="quiet">Reading the export …</p>
        ) : (
          <TroubleNotice trouble={trouble} />
        )
      ) : (
        <Known exportId={exportId} status={status} watched={watched} onRemoved={onRemoved} />
      )}
    </div>
  );
};
