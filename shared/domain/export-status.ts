/** The statuses that a reader of a job may see. */
export const JOB_STATUSES = [
  'initiated',
  'processing',
  'completed',
  'failed',
  'expired',
  'deleting',
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** All statuses; what is deleted is for its reader no longer there. */
export const STATUSES = [...JOB_STATUSES, 'deleted'] as const;
export type ExportStatus = (typeof STATUSES)[number];

const NEXT: Readonly<Record<ExportStatus, readonly ExportStatus[]>> = {
  initiated: ['processing', 'failed', 'deleting'],
  processing: ['completed', 'failed', 'deleting'],
  completed: ['expired', 'deleting'],
  failed: ['deleting'],
  expired: ['deleting'],
  deleting: ['deleted'],
  deleted: [],
};

/** The statuses from which a job may move to `to`. */
export const priorStatuses = (to: ExportStatus): readonly ExportStatus[] =>
  STATUSES.filter((from) => NEXT[from].includes(to));

export const PHASES = ['collecting_data', 'building_package', 'verifying_package', 'completed'] as const;
export type Phase = (typeof PHASES)[number];
