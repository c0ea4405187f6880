import { useEffect, useRef, useState } from 'preact/hooks';
import type { ExportStatusReply } from '../../../../shared/api/replies.ts';
import type { DownloadRun, DownloadState } from './download-run.ts';
import { Notice, TroubleNotice } from './notice.tsx';
import type { HashVerdict } from './package-download.ts';
import { sizeText } from './quantities.ts';
import { useServices } from './services.ts';

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

const useDownload = (run: DownloadRun): DownloadState => {
  const [state, setState] = useState(run.current);
  useEffect(() => {
    setState(run.current);
    return run.subscribe(() => setState(run.current));
  }, [run]);
  return state;
};

/** Downloads a package by a fresh link for each click, into a file of the person's choice where the browser can. */
export const DownloadButton = ({ status }: { readonly status: ExportStatusReply }) => {
  const { downloadOf, announce } = useServices();
  const run = downloadOf(status.exportId);
  const state = useDownload(run);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (state.name === 'saved') announce(VERDICTS[state.verdict].title);
  }, [state]);
  return (
    <>
      <button
        type="button"
        class="primary"
        ref={button}
        aria-disabled={run.isBusy}
        onClick={() => void run.start(status)}
      >
        Download
      </button>
      <div class="download-news">
        <DownloadNews
          state={state}
          onStop={() => {
            button.current?.focus();
            run.stop();
          }}
        />
      </div>
    </>
  );
};
