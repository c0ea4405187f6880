import * as z from 'zod/mini';
import { LONGEST_RUN_MS, type CompletedJob, type ExpiredJob } from '../domain/export-job.ts';
import { sectionsOf, type ExportRequest } from '../domain/export-request.ts';
import { EVERYTHING, selectionOf, type Selection } from '../domain/selection.ts';
import type { HouseholdSource, JobStore } from '../ports.ts';

/** Bytes that one transaction takes in a package, as the HTTP contract counts them. */
const TRANSACTION_BYTES = 600;
/** An estimate reads at most so many index pages of a section. */
export const ESTIMATE_PAGES = 3;
/** Until a user's first export has shown how fast theirs are: what starting takes, and bytes a second after that. */
const FIRST_GUESS = { startMs: 5_000, bytesPerSecond: 5_000_000 };
/** How many of a user's latest exports are looked through for one that selects the same. */
const RECENT_EXPORTS = 20;

export interface Estimate {
  /** Bytes, a safe integer; null when it cannot be known from a few pages. */
  readonly size: number | null;
  /** ms from request to finish, no more than a run may take; null when the size cannot be known. */
  readonly duration: number | null;
}

/** A stored number may have 38 digits, a sign and a fraction: one that is no amount of bytes or records does not count. */
const amountIfAny = z.catch(z.int().check(z.nonnegative()), 0);
const fileFacts = z.object({ fileSize: amountIfAny, transactionCount: amountIfAny });

interface Dependencies {
  readonly jobs: Pick<JobStore, 'findByUser'>;
  readonly source: HouseholdSource;
}

/** Whether the one export's size foretells the other's: of one kind, and with the same filters. */
const isAlike = (a: EstimatedRequest, b: EstimatedRequest): boolean =>
  a.exportType === b.exportType &&
  a.exportFormat === b.exportFormat &&
  FILTERS.every((filter) => JSON.stringify(a[filter]) === JSON.stringify(b[filter]));

const withinARun = (ms: number): number => Math.min(Math.ceil(ms), LONGEST_RUN_MS);

const sum = (amounts: readonly number[]): number => amounts.reduce((a, b) => a + b, 0);

/**
 * How large an export will be and how long it will take: from the last one that selected the same, else from what is
 * stored. The transactions of a few index pages are counted as the filters select them. Beyond those pages, files tell how
 * many transactions they have brought, but not of which dates and categories.
 */
export const createEstimateExport = ({ jobs, source }: Dependencies) => {
  const lastAlike = async (userId: string, request: EstimatedRequest) => {
    const { jobs: recent } = await jobs.findByUser(userId, { limit: RECENT_EXPORTS });
    return recent.find(
      (job): job is CompletedJob | ExpiredJob =>
        (job.status === 'completed' || job.status === 'expired') && isAlike(job.parameters, request),
    );
  };

  const sizeOfAccounts = async (userId: string): Promise<number | null> => {
    const { records, whole } = await source.first('accounts', userId, EVERYTHING, ESTIMATE_PAGES);
    return whole ? sum(records.map(({ json }) => json.length)) : null;
  };

  const storedSize = async (userId: string, request: EstimatedRequest): Promise<number | null> => {
    const sections = sectionsOf(request);
    const selection = selectionOf(request);
    if (request.exportType === 'accounts_only') return sizeOfAccounts(userId);
    const [files, transactions] = await Promise.all([
      sections.includes('transactionFiles')
        ? source.first('transactionFiles', userId, selection, ESTIMATE_PAGES)
        : undefined,
      sections.includes('transactions')
        ? source.count('transactions', userId, selection, ESTIMATE_PAGES)
        : undefined,
    ]);
    if (files?.whole === false) return null;
    const facts = (files?.records ?? []).map((file) =>
      fileFacts.parse({ fileSize: file.value('fileSize'), transactionCount: file.value('transactionCount') }),
    );
    if (transactions?.whole === false && (files === undefined || !filesTellTransactions(selection)))
      return null;
    const transactionCount =
      transactions?.whole === false
        ? sum(facts.map((fact) => fact.transactionCount))
        : (transactions?.count ?? 0);
    const fileBytes = request.exportFormat === 'zip' ? sum(facts.map((fact) => fact.fileSize)) : 0;
    const size = fileBytes + TRANSACTION_BYTES * transactionCount;
    return Number.isSafeInteger(size) ? size : null;
  };

  return async (userId: string, request: EstimatedRequest): Promise<Estimate> => {
    const last = await lastAlike(userId, request);
    if (last !== undefined) {
      return { size: last.packageSize, duration: withinARun(last.completedAt - last.requestedAt) };
    }
    const size = await storedSize(userId, request);
    const { startMs, bytesPerSecond } = FIRST_GUESS;
    return { size, duration: size === null ? null : withinARun(startMs + (1000 * size) / bytesPerSecond) };
  };
};

const FILTERS = ['accountIds', 'categoryIds', 'dateRangeStart', 'dateRangeEnd'] as const;

const filesTellTransactions = ({ categoryIds, dateRangeStart, dateRangeEnd }: Selection): boolean =>
  categoryIds === undefined && dateRangeStart === undefined && dateRangeEnd === undefined;

export type EstimatedRequest = Pick<
  ExportRequest,
  'exportType' | 'exportFormat' | 'includeAnalytics' | (typeof FILTERS)[number]
>;
export type EstimateExport = ReturnType<typeof createEstimateExport>;
