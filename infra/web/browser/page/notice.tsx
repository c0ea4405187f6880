import type { ComponentChildren } from 'preact';
import type { Trouble } from './trouble.ts';

interface NoticeProps {
  readonly tone: 'plain' | 'good' | 'warning' | 'bad';
  readonly title: string;
  /** Whether it is to be read out when it appears. */
  readonly isAlert?: boolean;
  readonly children?: ComponentChildren;
}

/** Something a person should know before going on. */
export const Notice = ({ tone, title, isAlert = false, children }: NoticeProps) => (
  <div class={`notice ${tone}`} {...(isAlert ? { role: 'alert' } : {})}>
    <p>
      <strong>{title}</strong>
    </p>
    {children}
  </div>
);

interface TroubleNoticeProps {
  readonly trouble: Trouble;
  readonly onRetry?: () => void;
}

/** What went wrong, what to do, and what to tell support. */
export const TroubleNotice = ({ trouble, onRetry }: TroubleNoticeProps) => (
  <Notice tone="bad" title={trouble.title} isAlert>
    <p>{trouble.detail}</p>
    {trouble.requestId === undefined ? null : (
      <p class="small">
        Number for support: <code>{trouble.requestId}</code>
      </p>
    )}
    {onRetry === undefined ? null : (
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    )}
  </Notice>
);
