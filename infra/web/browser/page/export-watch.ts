import type { ExportStatusReply } from '../../../../shared/api/replies.ts';
import { ApiProblem, type ExportApi } from '../../../../shared/client/export-api.ts';
import { nextPoll } from './polling-schedule.ts';
import type { Advance } from './time-left.ts';
import { isSignedOut, troubleOf, type Trouble } from './trouble.ts';

/** What is known of an export. */
export interface Watched {
  readonly status: ExportStatusReply | undefined;
  /** When its progress was seen to grow, the oldest first. */
  readonly advances: readonly Advance[];
  /** Why the latest question had no answer. */
  readonly trouble: Trouble | undefined;
  /** Whether it is there no more. */
  readonly isGone: boolean;
}

const UNKNOWN: Watched = { status: undefined, advances: [], trouble: undefined, isGone: false };

/** Follows one export for as long as anybody listens; asks only while the tab is seen and there is a network. */
export class ExportWatch {
  current: Watched = UNKNOWN;
  readonly #api: ExportApi;
  readonly #exportId: string;
  readonly #listeners = new Set<() => void>();
  #etag: string | undefined;
  #retryAfterSeconds: number | undefined = 0;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  /** Whether the answer that is awaited may be from before what somebody knows of. */
  #isStale = false;
  #isOver = false;

  constructor(api: ExportApi, exportId: string) {
    this.#api = api;
    this.#exportId = exportId;
  }

  /** Answers what ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) {
      window.addEventListener('online', this.#comeBack);
      document.addEventListener('visibilitychange', this.#comeBack);
      if (this.current.status === undefined) void this.#ask();
      else this.#plan();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#timer);
      window.removeEventListener('online', this.#comeBack);
      document.removeEventListener('visibilitychange', this.#comeBack);
    };
  }

  /** Asks now: somebody knows that something has changed. */
  refresh(): void {
    this.#isOver = false;
    this.#isStale = this.#isAsking;
    void this.#ask();
  }

  readonly #comeBack = (): void => {
    if (this.#isOver || document.hidden) return;
    this.#failures = 0;
    void this.#ask();
  };

  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#isOver || this.#listeners.size === 0) return;
    const delay = nextPoll({
      retryAfterSeconds: this.#retryAfterSeconds,
      failures: this.#failures,
      isHidden: document.hidden,
      isOnline: navigator.onLine,
    });
    if (delay !== undefined) this.#timer = setTimeout(() => void this.#ask(), delay);
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      this.#told(await this.#api.status(this.#exportId, this.#etag));
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#isAsking = false;
    }
    if (this.#isStale) this.refresh();
    else this.#plan();
  }

  #told({ body, etag, retryAfterSeconds }: Awaited<ReturnType<ExportApi['status']>>): void {
    this.#etag = etag;
    this.#failures = 0;
    this.#retryAfterSeconds = retryAfterSeconds;
    this.#isOver = retryAfterSeconds === undefined;
    const { status, advances } = this.current;
    const seen = body ?? status;
    const progress = seen?.progress ?? 0;
    const isAdvance = progress > (advances.at(-1)?.progress ?? -1);
    this.#change({
      status: seen,
      advances: isAdvance ? [...advances, { at: Date.now(), progress }] : advances,
      trouble: undefined,
      isGone: false,
    });
  }

  #failed(error: unknown): void {
    const isGone = error instanceof ApiProblem && error.status === 404;
    this.#failures++;
    this.#isOver = isGone || isSignedOut(error);
    this.#change({
      ...this.current,
      isGone,
      trouble: isGone || isSignedOut(error) ? undefined : troubleOf(error),
    });
  }

  #change(next: Watched): void {
    this.current = next;
    for (const listener of this.#listeners) listener();
  }
}
