import type { ListedExport } from '../../../../shared/api/replies.ts';
import { STATUS_TEXTS } from './words.ts';

type Status = ListedExport['status'];

const TONES: Readonly<Record<Status, string>> = {
  initiated: 'accent',
  processing: 'accent',
  completed: 'good',
  failed: 'bad',
  expired: 'plain',
  deleting: 'plain',
};

/** Its colour only repeats what its word says. */
export const StatusBadge = ({
  status,
  isPartial,
}: {
  readonly status: Status;
  readonly isPartial: boolean;
}) =>
  status === 'completed' && isPartial ? (
    <span class="badge warning">Ready, with gaps</span>
  ) : (
    <span class={`badge ${TONES[status]}`}>{STATUS_TEXTS[status]}</span>
  );
