import { useRef, useState } from 'preact/hooks';
import type { ExportStatusReply } from '../../../../shared/api/replies.ts';
import { Notice, TroubleNotice } from './notice.tsx';
import { DownloadFailed, downloadPackage, type HashVerdict } from './package-download.ts';
import { sizeText } from './quantities.ts';
import { canPickFile, pickFile } from './save-file-picker.ts';
import { useServices, type Services } from './services.ts';
import { troubleOf, type Trouble } from './trouble.ts';

type DownloadState =
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

/** Until there is a network again, but no longer than it would take one who does not know of it. */
const pauseBefore = async (attempt: number): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const goOn = () => resolve(undefined);
  window.addEventListener('online', goOn, { once: true });
  setTimeout(goOn, navigator.onLine ? Math.min(30, 2 ** attempt / 2) * 1000 : 60_000);
  await promise;
  window.removeEventListener('online', goOn);
};

const troubleOfDownload = (error: unknown): Trouble =>
  error instanceof DownloadFailed
    ? { title: 'The download did not work', detail: error.message, mayPass: true }
    : troubleOf(error);

/** The browser's own download, which it shows and can pause and resume itself. */
const handOver = async (api: Services['api'], exportId: string): Promise<void> => {
  const { downloadUrl } = await api.downloadLink(exportId);
  const anchor = document.createElement('a');
  anchor.href = downloadUrl;
  anchor.rel = 'noopener';
  anchor.click();
};

const saveTo = async (
  handle: FileSystemFileHandle,
  {
    api,
    exportId,
    show,
    signal,
  }: { api: Services['api']; exportId: string; show: Show; signal: AbortSignal },
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
        await pauseBefore(attempt);
      },
    });
    await file.close();
    return verdict;
  } catch (error) {
    await file.abort();
    throw error;
  }
};

const VERDICTS: Readonly<
  Record<HashVerdict, { tone: 'good' | 'bad' | 'plain'; title: string; text: string }>
> = {
  same: {
    tone: 'good',
    title: 'Saved and checked',
    text: 'Its SHA-256 is that of the package, so every byte arrived as it was made.',
  },
  different: {
    tone: 'bad',
    title: 'Saved, but damaged on the way',
    text: 'Its SHA-256 is not that of the package. Please delete the file and download it again.',
  },
  unknown: {
    tone: 'plain',
    title: 'Saved',
    text: 'A package of this size has no SHA-256 as a whole. You can check it with the viewer in it.',
  },
};

const DownloadNews = ({ state, onStop }: { readonly state: DownloadState; readonly onStop: () => void }) => {
  switch (state.name) {
    case 'idle':
    case 'asking':
      return null;
    case 'handed over':
      return <p class="quiet">Your browser is downloading it. The link is good for some minutes.</p>;
    case 'failed':
      return <TroubleNotice trouble={state.trouble} />;
    case 'saved': {
      const { tone, title, text } = VERDICTS[state.verdict];
      return (
        <Notice tone={tone} title={title} isAlert={tone === 'bad'}>
          <p>{text}</p>
        </Notice>
      );
    }
    case 'running':
      return (
        <div class="stack">
          <progress value={state.received} max={Math.max(1, state.total)} aria-label="Download" />
          <p class="quiet figures">
            {state.isWaiting
              ? 'The connection broke off. It goes on by itself when it is back.'
              : `${sizeText(state.received)} of ${sizeText(state.total)}`}
          </p>
          <button type="button" onClick={onStop}>
            Stop the download
          </button>
        </div>
      );
  }
};

/** Downloads a package by a fresh link for each click, into a file of the person's choice where the browser can. */
export const DownloadButton = ({ status }: { readonly status: ExportStatusReply }) => {
  const { api, announce } = useServices();
  const { exportId } = status;
  const [state, show] = useState<DownloadState>({ name: 'idle' });
  const running = useRef<AbortController>(null);
  const isBusy = state.name === 'asking' || state.name === 'running';

  const save = async (signal: AbortSignal): Promise<void> => {
    const handle = await pickFile(fileNameOf(status));
    if (handle === undefined) {
      show({ name: 'idle' });
      return;
    }
    show({ name: 'running', received: 0, total: status.packageSize ?? 0, isWaiting: false });
    const verdict = await saveTo(handle, { api, exportId, show, signal });
    show({ name: 'saved', verdict });
    announce(VERDICTS[verdict].title);
  };

  const download = async (): Promise<void> => {
    const controller = new AbortController();
    running.current = controller;
    show({ name: 'asking' });
    try {
      if (canPickFile()) {
        await save(controller.signal);
      } else {
        await handOver(api, exportId);
        show({ name: 'handed over' });
      }
    } catch (error) {
      show(
        controller.signal.aborted ? { name: 'idle' } : { name: 'failed', trouble: troubleOfDownload(error) },
      );
    }
  };

  return (
    <>
      <button type="button" class="primary" disabled={isBusy} onClick={() => void download()}>
        Download
      </button>
      <div class="download-news">
        <DownloadNews state={state} onStop={() => running.current?.abort()} />
      </div>
    </>
  );
};
