/** How far an export was, and when. */
export interface Advance {
  /** Epoch ms. */
  readonly at: number;
  /** 0–100. */
  readonly progress: number;
}

const SHORTEST_LOOK_MS = 1500;

/**
 * How long it may still take, in ms, at the pace so far; undefined until enough has been seen to tell. `advances` are those
 * noticed, the oldest first; `startedAt` is when the export was asked for.
 */
export const timeLeft = (
  startedAt: number,
  advances: readonly Advance[],
  now: number,
): number | undefined => {
  const last = advances.at(-1);
  if (last === undefined || last.progress <= 5 || last.progress >= 100) return undefined;
  const spent = last.at - startedAt;
  if (spent < SHORTEST_LOOK_MS) return undefined;
  const perPoint = spent / last.progress;
  return Math.max(0, perPoint * (100 - last.progress) - (now - last.at));
};

/** In words that do not promise more than is known. */
export const timeLeftText = (milliseconds: number | undefined): string => {
  if (milliseconds === undefined) return 'Working out how long it takes';
  if (milliseconds === 0) return 'Taking longer than it looked';
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds <= 10) return 'A few seconds left';
  if (seconds < 60) return 'Less than a minute left';
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `About ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} left`;
  const hours = Math.round(minutes / 60);
  return `About ${hours} ${hours === 1 ? 'hour' : 'hours'} left`;
};
