import { createSHA256 } from 'hash-wasm';
import * as z from 'zod/mini';
import type { CheckProgress, News, Refusal } from '../protocol.ts';
import type { Question, ToWorker } from '../worker-messages.ts';
import { EntryReader } from './entry-reader.ts';
import { openedFile } from './opened-file.ts';
import { createAnswers } from './package-answers.ts';
import { ManifestUnreadable, PackageReading } from './package-reading.ts';
import { ZipFile } from './zip-file.ts';

// A strict Content-Security-Policy allows no code made of text, which zod would try.
z.config({ jitless: true });

const PROGRESS_MS = 100;

const tell = (news: News): void => {
  self.postMessage(news);
};

/** Tells how far the reading is, not more often than anybody can see. */
const progressTeller = (transactions: () => number) => {
  let toldAt = -Infinity;
  return (progress: Omit<CheckProgress, 'transactions'>): void => {
    const now = performance.now();
    if (now - toldAt < PROGRESS_MS && progress.checkedEntries < progress.totalEntries) return;
    toldAt = now;
    tell({ kind: 'progress', progress: { ...progress, transactions: transactions() } });
  };
};

const refusalFor = (error: unknown): Refusal =>
  error instanceof ManifestUnreadable
    ? { kind: 'broken-manifest', fact: error.message }
    : { kind: 'unreadable' };

/** What the whole file can be told by, where somebody has noted it elsewhere. */
const tellPackageHash = async (file: Blob): Promise<void> => {
  const hasher = await createSHA256();
  const reader = file.stream().getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) hasher.update(piece.value);
  tell({ kind: 'package-hash', sha256: hasher.digest() });
};

let answer = (question: Question): Promise<void> => {
  question.port.postMessage(null);
  return Promise.resolve();
};

const open = async (file: Blob): Promise<void> => {
  try {
    const zip = await openedFile(file);
    if (!(zip instanceof ZipFile)) {
      tell({ kind: 'refused', refusal: zip });
      return;
    }
    const entries = await EntryReader.of(
      zip,
      progressTeller(() => reading.columns.rows),
    );
    const reading: PackageReading = new PackageReading(entries, tell);
    answer = createAnswers(zip, reading);
    await reading.read();
    await tellPackageHash(file);
  } catch (error) {
    tell({ kind: 'refused', refusal: refusalFor(error) });
  }
};

self.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  void (data.kind === 'open' ? open(data.file) : answer(data));
});
