import { Presets, SingleBar } from 'cli-progress';
import { printable } from './command-line.ts';
import { bySection, type ExportStatus } from './export-status.ts';
import { countText } from './quantities.ts';

export interface ProgressDisplay {
  readonly show: (status: ExportStatus) => void;
  /** Leaves the last state on the screen. */
  readonly stop: () => void;
}

const phaseText = ({ currentPhase, status }: ExportStatus): string =>
  printable(status === 'processing' ? (currentPhase ?? status) : status).replaceAll('_', ' ');

const sectionText = ([label, { count, done }]: [string, { count: number; done: boolean }]): string =>
  `${label} ${countText(count)}${done ? '' : '…'}`;

/** The state of an export in one line: `collecting data: accounts 6, transactions 4,000…`. */
export const progressText = (status: ExportStatus): string => {
  const sections = bySection(status.sections).map(sectionText).join(', ');
  return sections === '' ? phaseText(status) : `${phaseText(status)}: ${sections}`;
};

const plainLines = (): ProgressDisplay => ({
  show: (status) => {
    process.stdout.write(`${String(status.progress).padStart(3)} %  ${progressText(status)}\n`);
  },
  stop: () => undefined,
});

const bar = (): ProgressDisplay => {
  const shown = new SingleBar(
    {
      format: '[{bar}] {percentage} %  {text}',
      stream: process.stdout,
      barsize: 20,
      // A line that is too long is cut; wrapped, it could not be drawn over.
      linewrap: false,
      hideCursor: true,
      gracefulExit: false,
    },
    Presets.legacy,
  );
  shown.start(100, 0, { text: '' });
  return {
    show: (status) => shown.update(status.progress, { text: progressText(status) }),
    stop: () => shown.stop(),
  };
};

/** A bar on a terminal; anywhere else a line for each change. */
export const createProgressDisplay = (): ProgressDisplay =>
  process.stdout.isTTY && process.env['TERM'] !== 'dumb' ? bar() : plainLines();
