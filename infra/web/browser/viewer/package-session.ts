import { source } from 'worker:./worker/package-worker.ts';
import type { News, Questions, Topic } from './protocol.ts';
import type { Answer } from './worker-messages.ts';

/** Asks the worker; null where it has no answer. */
export type Ask = <T extends Topic>(kind: T, asks: Questions[T]['asks']) => Promise<Answer<T>>;

export interface PackageSession {
  readonly ask: Ask;
  readonly close: () => void;
}

/** Opens a package in a worker of its own, which tells what it finds. */
export const openSession = (file: File, onNews: (news: News) => void): PackageSession => {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.addEventListener('message', ({ data }: MessageEvent<News>) => onNews(data));
  worker.addEventListener('error', () => onNews({ kind: 'refused', refusal: { kind: 'unreadable' } }));
  worker.postMessage({ kind: 'open', file });
  return {
    ask: (kind, asks) =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }: MessageEvent<Answer<typeof kind>>) => {
          port1.close();
          resolve(data);
        };
        worker.postMessage({ kind, asks, port: port2 }, [port2]);
      }),
    close: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
};
