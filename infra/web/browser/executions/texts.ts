import type { ExecutionReply, StateReport, StateStatus } from './replies.ts';

/** Milliseconds as `0.42 s`, `7.4 s` or `3 min 20 s`. */
export const durationText = (milliseconds: number): string => {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 1) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

const WHOLE = new Intl.NumberFormat('en');

/** 12034 as `12,034`. */
export const countText = (count: number): string => WHOLE.format(count);

/** Sizes of hand-overs are compared with limits, so every byte is told. */
export const bytesText = (bytes: number | null): string => (bytes === null ? '' : `${countText(bytes)} B`);

/** `1 retry`, `3 retries`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : many}`;

const INSTANT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** In the viewer's own time zone. */
export const instantText = (instant: number): string => INSTANT.format(instant);

export const STATE_WORDS: Readonly<Record<StateStatus, string>> = {
  waiting: 'Waiting',
  running: 'Running',
  retrying: 'Retrying',
  succeeded: 'Succeeded',
  retried: 'Succeeded after retries',
  caught: 'Error caught',
  failed: 'Failed',
  aborted: 'Aborted',
  skipped: 'Not reached',
};

const EXECUTION_WORDS: Readonly<Record<string, string>> = {
  RUNNING: 'Running',
  SUCCEEDED: 'Succeeded',
  FAILED: 'Failed',
  TIMED_OUT: 'Timed out',
  ABORTED: 'Aborted',
};

export const executionWord = (status: string): string => EXECUTION_WORDS[status] ?? status;

/** The sign and colour that an execution's status has among those of states. */
export const signOfExecution = (status: string): StateStatus => {
  switch (status) {
    case 'RUNNING':
      return 'running';
    case 'SUCCEEDED':
      return 'succeeded';
    case 'ABORTED':
      return 'aborted';
    default:
      return 'failed';
  }
};

/** How long a state took, or has taken till now; empty where it was not reached. */
export const stateDuration = (
  { enteredAt, endedAt }: Pick<StateReport, 'enteredAt' | 'endedAt'>,
  now: number,
) => (enteredAt === null ? '' : durationText((endedAt ?? now) - enteredAt));

/** What stands below a state's name in the graph. */
export const shortStanding = (state: StateReport, now: number): string => {
  const { iterations, retries, status, visitCount } = state;
  return [
    stateDuration(state, now) || STATE_WORDS[status],
    ...(iterations === null ? [] : [`${countText(iterations.succeeded)} of ${countText(iterations.items)}`]),
    ...(iterations === null && visitCount > 1 ? [`${countText(visitCount)}×`] : []),
    ...(retries > 0 ? [plural(retries, 'retry', 'retries')] : []),
  ].join(' · ');
};

/** A state's name with all that its colour and its place in the graph tell. */
export const accessibleName = (state: StateReport, now: number): string => {
  const { name, status, retries, iterations, visitCount } = state;
  return [
    name,
    STATE_WORDS[status].toLowerCase(),
    ...(state.enteredAt === null ? [] : [stateDuration(state, now)]),
    ...(iterations === null
      ? []
      : [`${countText(iterations.succeeded)} of ${plural(iterations.items, 'iteration')}`]),
    ...(iterations === null && visitCount > 1 ? [`passed ${countText(visitCount)} times`] : []),
    ...(retries > 0 ? [plural(retries, 'retry', 'retries')] : []),
  ].join(', ');
};

const listed = (names: readonly string[]): string => new Intl.ListFormat('en').format(names);

/** States that are not around others which stand the same. */
const named = (reply: ExecutionReply, ...statuses: StateStatus[]): StateReport[] => {
  const groups = new Set(groupNames(reply));
  const found = reply.states.filter(({ status }) => statuses.includes(status));
  const leaves = found.filter(({ name }) => !groups.has(name));
  return leaves.length > 0 ? leaves : found;
};

const groupNames = ({ workflow }: ExecutionReply): string[] => {
  const within = (states: ExecutionReply['workflow']['states']): string[] =>
    states.flatMap(({ name, inner }) =>
      inner.length === 0 ? [] : [name, ...inner.flatMap((branch) => within(branch.states))],
    );
  return within(workflow.states);
};

/** The state that an execution's failure began in: of those with errors that no retry put right, the first. */
export const culpritOf = (reply: ExecutionReply): StateReport | undefined =>
  named(reply, 'failed', 'caught')
    .filter(({ errorCount }) => errorCount > 0)
    .toSorted((one, other) => (one.errors.at(-1)?.at ?? 0) - (other.errors.at(-1)?.at ?? 0))[0];

/** The state to look at first: what went wrong, else what goes on, else what came last. */
export const stateToLookAt = (reply: ExecutionReply): string => {
  const [running] = named(reply, 'retrying', 'running');
  const last = reply.states
    .filter(({ enteredAt }) => enteredAt !== null)
    .toSorted((one, other) => (other.enteredAt ?? 0) - (one.enteredAt ?? 0))[0];
  return (culpritOf(reply) ?? running ?? last ?? reply.states[0])?.name ?? '';
};

/** Where the execution stands, in a sentence or two. */
export const standing = (reply: ExecutionReply): string => {
  const { execution, error, states } = reply;
  const retries = states.reduce((total, state) => total + state.retries, 0);
  const retried = retries === 0 ? '' : ` ${plural(retries, 'call was', 'calls were')} tried again.`;
  const culprit = culpritOf(reply);
  const cause = culprit?.errors.at(-1);
  const failed =
    culprit === undefined || cause === undefined
      ? ''
      : `${culprit.name} failed${culprit.retries > 0 ? ` after ${plural(culprit.retries, 'retry', 'retries')}` : ''}: ` +
        `${cause.error}${cause.message === '' ? '' : `, ${cause.message}`}`;
  switch (execution.status) {
    case 'RUNNING': {
      const running = named(reply, 'running', 'retrying').map(({ name }) => name);
      const now = running.length === 0 ? 'It is between states.' : `Now in ${listed(running)}.`;
      return failed === '' ? now + retried : `${failed} ${now}`;
    }
    case 'SUCCEEDED':
      return failed === ''
        ? `Every state went well.${retried}`
        : `${failed} The execution ended well all the same.`;
    case 'FAILED':
      return failed === '' ? (error?.message ?? '') : failed;
    case 'TIMED_OUT':
      return 'It took longer than the workflow may.';
    default: {
      const stopped = named(reply, 'aborted').map(({ name }) => name);
      const where = stopped.length === 0 ? '' : ` in ${listed(stopped)}`;
      const why = error === null ? '' : ` ${[error.error, error.message].filter(Boolean).join(': ')}`;
      return `It was stopped from outside${where}.${why}`;
    }
  }
};

/** Points of a line with rounded corners, as the path of an SVG. */
export const roundedPath = (
  points: readonly { readonly x: number; readonly y: number }[],
  radius = 6,
): string =>
  points
    .map(({ x, y }, index) => {
      const [before, after] = [points[index - 1], points[index + 1]];
      if (before === undefined) return `M${x} ${y}`;
      if (after === undefined) return `L${x} ${y}`;
      const [into, out] = [Math.hypot(x - before.x, y - before.y), Math.hypot(after.x - x, after.y - y)];
      const bend = Math.min(radius, into / 2, out / 2);
      const from = { x: x + ((before.x - x) / into) * bend, y: y + ((before.y - y) / into) * bend };
      const to = { x: x + ((after.x - x) / out) * bend, y: y + ((after.y - y) / out) * bend };
      return `L${from.x} ${from.y}Q${x} ${y} ${to.x} ${to.y}`;
    })
    .join('');
