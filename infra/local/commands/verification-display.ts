import { Presets, SingleBar } from 'cli-progress';
import { sizeText } from './quantities.ts';

export interface VerificationDisplay {
  readonly show: (bytesRead: number) => void;
  /** Leaves the last state on the screen. */
  readonly stop: () => void;
}

const bar = (size: number): VerificationDisplay => {
  const shown = new SingleBar(
    {
      format: '[{bar}] {percentage} %  verifying: {read} of {whole}',
      stream: process.stdout,
      barsize: 20,
      linewrap: false,
      hideCursor: true,
      gracefulExit: false,
    },
    Presets.legacy,
  );
  shown.start(size, 0, { read: sizeText(0), whole: sizeText(size) });
  return {
    show: (bytesRead) => shown.update(bytesRead, { read: sizeText(bytesRead) }),
    stop: () => shown.stop(),
  };
};

/** A bar on a terminal; nothing anywhere else, because the result follows at once. */
export const createVerificationDisplay = (size: number): VerificationDisplay =>
  process.stdout.isTTY && process.env['TERM'] !== 'dumb'
    ? bar(size)
    : { show: () => undefined, stop: () => undefined };
