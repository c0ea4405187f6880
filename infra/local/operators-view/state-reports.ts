import type {
  IterationCounts,
  StateReport,
  StateStatus,
  VisitReport,
  VisitStatus,
} from '../../web/browser/executions/replies.ts';
import { visitStatus, type StateVisit } from './state-visits.ts';

/** More are only counted. */
export const MOST_VISITS = 40;
export const MOST_ERRORS = 20;

/** What is told of several visits is the first of these that any of them has. */
const GRAVITY: readonly VisitStatus[] = [
  'failed',
  'caught',
  'retrying',
  'running',
  'aborted',
  'retried',
  'succeeded',
];

const sum = (sizes: readonly (number | undefined)[]): number | null => {
  const known = sizes.filter((size) => size !== undefined);
  return known.length === 0 ? null : known.reduce((total, size) => total + size, 0);
};

/** Of a Map: its items, and how far their iterations are. */
const iterationsOf = (visits: readonly StateVisit[]): IterationCounts | null => {
  const maps = visits.filter(({ items }) => items !== undefined);
  if (maps.length === 0) return null;
  const items = sum(maps.map((map) => map.items)) ?? 0;
  const succeeded = sum(maps.map((map) => map.iterationsSucceeded)) ?? 0;
  const failed = sum(maps.map((map) => map.iterationsFailed)) ?? 0;
  const left = items - succeeded - failed;
  const goesOn = maps.some(({ endedAt }) => endedAt === undefined);
  return { items, succeeded, failed, aborted: goesOn ? 0 : left, running: goesOn ? left : 0 };
};

const visitReport = (visit: StateVisit): VisitReport => ({
  status: visitStatus(visit),
  iteration: visit.iteration ?? null,
  enteredAt: visit.enteredAt,
  endedAt: visit.endedAt ?? null,
  calls: visit.calls,
  inputBytes: visit.inputBytes ?? null,
  outputBytes: visit.outputBytes ?? null,
});

const graveness = ({ status }: VisitReport): number => GRAVITY.indexOf(status);

const shownVisits = (reports: readonly VisitReport[]): readonly VisitReport[] =>
  reports.length <= MOST_VISITS
    ? reports
    : reports.toSorted((one, other) => graveness(one) - graveness(other)).slice(0, MOST_VISITS);

const statusOf = (reports: readonly VisitReport[], executionGoesOn: boolean): StateStatus =>
  GRAVITY.find((status) => reports.some((report) => report.status === status)) ??
  (executionGoesOn ? 'waiting' : 'skipped');

/** All visits of a state together. */
export const stateReport = (
  name: string,
  visits: readonly StateVisit[],
  executionGoesOn: boolean,
): StateReport => {
  const reports = visits.map(visitReport);
  const errors = visits.flatMap((visit) => visit.errors).toSorted((one, other) => one.at - other.at);
  const ends = visits.map(({ endedAt }) => endedAt ?? Infinity);
  const last = Math.max(...ends);
  return {
    name,
    status: statusOf(reports, executionGoesOn),
    enteredAt: visits[0]?.enteredAt ?? null,
    endedAt: Number.isFinite(last) ? last : null,
    visitCount: visits.length,
    calls: sum(visits.map(({ calls }) => calls)) ?? 0,
    retries: sum(visits.map(({ calls }) => Math.max(0, calls - 1))) ?? 0,
    inputBytes: sum(visits.map(({ inputBytes }) => inputBytes)),
    outputBytes: sum(visits.map(({ outputBytes }) => outputBytes)),
    iterations: iterationsOf(visits),
    errorCount: errors.length,
    errors: errors.slice(-MOST_ERRORS),
    visits: shownVisits(reports),
  };
};
