import type { ExportStatusReply } from '../../../../shared/api/replies.ts';
import type { ExportApi } from '../../../../shared/client/export-api.ts';
import { DownloadFailed, downloadPackage, type HashVerdict } from './package-download.ts';
import { canPickFile, pickFile } from './save-file-picker.ts';
import { troubleOf, type Trouble } from './trouble.ts';

export type DownloadState =
  | { readonly name: 'idle' }
  | { readonly name: 'asking' }
  | { readonly name: 'handed over' }
  | {
      readonly name: 'running';
      readonly received: number;
      readonly total: number;
      readonly isWaiting: boolean;
    }
  | { readonly name: 'saved'; readonly verdict: HashVerdict }
  | { readonly name: 'failed'; readonly trouble: Trouble };

type Show = (state: DownloadState) => void;

const fileNameOf = ({ requestedAt, exportFormat }: ExportStatusReply): string =>
  `household-export-${requestedAt.slice(0, 10)}.${exportFormat}`;

/** Until there is a network again or the person stops it, but no longer than it would take one who does not know of it. */
const pauseBefore = async (attempt: number, stopped: AbortSignal): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const goOn = () => resolve(undefined);
  window.addEventListener('online', goOn);
  stopped.addEventListener('abort', goOn);
  const timer = setTimeout(goOn, navigator.onLine ? Math.min(30, 2 ** attempt / 2) * 1000 : 60_000);
  await promise;
  clearTimeout(timer);
  window.removeEventListener('online', goOn);
  stopped.removeEventListener('abort', goOn);
};

const troubleOfDownload = (error: unknown): Trouble =>
  error instanceof DownloadFailed
    ? { title: 'The download did not work', detail: error.message, mayPass: true }
    : troubleOf(error);

/** The browser's own download, which it shows and can pause and resume itself. */
const handOver = async (api: ExportApi, exportId: string): Promise<void> => {
  const { downloadUrl } = await api.downloadLink(exportId);
  const anchor = document.createElement('a');
  anchor.href = downloadUrl;
  anchor.rel = 'noopener';
  anchor.click();
};

const saveTo = async (
  handle: FileSystemFileHandle,
  { api, exportId, show, signal }: { api: ExportApi; exportId: string; show: Show; signal: AbortSignal },
): Promise<HashVerdict> => {
  const { createSHA256 } = await import('hash-wasm');
  const file = await handle.createWritable();
  let [received, total] = [0, 0];
  try {
    const verdict = await downloadPackage({
      link: () => api.downloadLink(exportId),
      target: file,
      hash: (await createSHA256()).init(),
      signal,
      onProgress: (...now) => {
        [received, total] = now;
        show({ name: 'running', received, total, isWaiting: false });
      },
      pause: async (attempt) => {
        show({ name: 'running', received, total, isWaiting: true });
        await pauseBefore(attempt, signal);
      },
    });
    await file.close();
    return verdict;
  } catch (error) {
    await file.abort();
    throw error;
  }
};

/** Asks before the tab goes with a download that is not whole yet. */
const askBeforeLeaving = (event: BeforeUnloadEvent): void => event.preventDefault();

/** The download of one package, which goes on wherever in the page its person is. */
export class DownloadRun {
  current: DownloadState = { name: 'idle' };
  readonly #api: ExportApi;
  readonly #exportId: string;
  readonly #listeners = new Set<() => void>();
  #stopping = new AbortController();

  constructor(api: ExportApi, exportId: string) {
    this.#api = api;
    this.#exportId = exportId;
  }

  get isBusy(): boolean {
    return this.current.name === 'asking' || this.current.name === 'running';
  }

  /** Answers what ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Does nothing while it is running already. */
  async start(status: ExportStatusReply): Promise<void> {
    if (this.isBusy) return;
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    this.#show({ name: 'asking' });
    try {
      this.#show(await this.#fetched(status, signal));
    } catch (error) {
      this.#show(signal.aborted ? { name: 'idle' } : { name: 'failed', trouble: troubleOfDownload(error) });
    }
  }

  async #fetched(status: ExportStatusReply, signal: AbortSignal): Promise<DownloadState> {
    if (!canPickFile()) {
      await handOver(this.#api, this.#exportId);
      return { name: 'handed over' };
    }
    const handle = await pickFile(fileNameOf(status));
    if (handle === undefined) return { name: 'idle' };
    const show: Show = (state) => this.#show(state);
    show({ name: 'running', received: 0, total: status.packageSize ?? 0, isWaiting: false });
    window.addEventListener('beforeunload', askBeforeLeaving);
    try {
      const verdict = await saveTo(handle, { api: this.#api, exportId: this.#exportId, show, signal });
      return { name: 'saved', verdict };
    } finally {
      window.removeEventListener('beforeunload', askBeforeLeaving);
    }
  }

  #show(state: DownloadState): void {
    this.current = state;
    for (const listener of this.#listeners) listener();
  }
}
