import { CommanderError, type Command } from 'commander';
import { InvalidSetting } from '../local-settings.ts';

/** Why a command could not do its work, in a sentence that says what to do. Exit code 1. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** What was typed cannot be meant, in a sentence. Exit code 2. */
export class WrongUse extends Error {
  override readonly name = 'WrongUse';
}

const DONE = 0;
const FAILED = 1;
const WRONG_USE = 2;

/** Text from elsewhere, without what could steer a terminal. */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');

const textOf = (error: object, key: string): string => {
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : '';
};

/** An error as one readable line with what caused it, never a stack trace. */
export const sentenceOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return printable(String(error));
  const cause: unknown = Reflect.get(error, 'cause');
  // An AggregateError, for one, has no message of its own.
  const own = textOf(error, 'message') || textOf(error, 'code') || textOf(error, 'name');
  return printable(own) + (cause === undefined ? '' : ` (${sentenceOf(cause)})`);
};

export const printLines = (...lines: readonly string[]): void => {
  for (const line of lines) process.stdout.write(`${line}\n`);
};

/** Beside the result: for the person who watches. */
export const printNote = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const exitCodeFor = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : WRONG_USE;
  if (error instanceof WrongUse || error instanceof InvalidSetting) {
    printNote(`error: ${sentenceOf(error)} --help tells more.`);
    return WRONG_USE;
  }
  printNote(`error: ${sentenceOf(error)}`);
  return FAILED;
};

/** A terminal and npm both hand on one Ctrl-C; what comes so soon after the first is the same wish. */
const SAME_WISH_MS = 500;
const PARENT_CHECK_MS = 500;

/**
 * Aborts at the first SIGINT, SIGTERM or SIGHUP; a later one ends the process at once. Under npm it aborts too when the
 * parent is gone: a SIGTERM to npm ends the shell between npm and this process, and never gets here.
 */
export const stopSignal = (): AbortSignal => {
  const stop = new AbortController();
  let stoppedAt = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted && Date.now() - stoppedAt > SAME_WISH_MS) process.exit(FAILED);
      if (!stop.signal.aborted) stoppedAt = Date.now();
      stop.abort();
    });
  }
  if (process.env['npm_lifecycle_event'] !== undefined) {
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent) stop.abort();
    }, PARENT_CHECK_MS).unref();
  }
  return stop.signal;
};

/** Runs a command to its exit code: 0 done, 1 failed, 2 wrong use. Errors become one line on standard error. */
export const runCommand = async (command: Command, run: () => Promise<void>): Promise<void> => {
  // Whoever reads our output may stop reading (`| head`), which is no error worth a trace.
  process.stdout.on('error', () => process.exit(FAILED));
  process.on('uncaughtException', (error) => process.exit(exitCodeFor(error)));
  try {
    await command.exitOverride().showHelpAfterError().action(run).parseAsync();
  } catch (error) {
    process.exitCode = exitCodeFor(error);
  }
};
