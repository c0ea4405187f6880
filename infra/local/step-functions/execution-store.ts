import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import {
  executionOutcomeSchema,
  executionRerunSchema,
  executionStartSchema,
  startedRecord,
  withOutcome,
  withRerun,
  type ExecutionOutcome,
  type ExecutionRecord,
  type ExecutionRerun,
  type ExecutionStart,
} from './execution-record.ts';
import type { HistoryEvent } from './history-event.ts';

const historyEventSchema = z.strictObject({
  id: z.number(),
  previousEventId: z.number(),
  type: z.string(),
  timestamp: z.number(),
  details: z.optional(z.record(z.string(), z.record(z.string(), z.unknown()))),
});

const lineSchema = z.union([
  z.strictObject({ start: executionStartSchema }),
  z.strictObject({ event: historyEventSchema }),
  z.strictObject({ rerun: executionRerunSchema }),
  z.strictObject({ outcome: executionOutcomeSchema }),
]);

type Line =
  | { readonly start: ExecutionStart }
  | { readonly event: HistoryEvent }
  | { readonly rerun: ExecutionRerun }
  | { readonly outcome: ExecutionOutcome };

export interface StoredExecution {
  readonly record: ExecutionRecord;
  readonly lastEventId: number;
}

const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

// File systems that fold upper and lower case would merge names that Step Functions keeps apart.
const fileNameOf = (executionArn: string): string => {
  const name = executionArn.slice(executionArn.lastIndexOf(':') + 1);
  const readable = /^[a-z0-9_-]{1,80}$/.test(name) ? name : `=${sha256Hex(name)}`;
  return `${readable}.jsonl`;
};

const folderNameOf = (arn: string): string => sha256Hex(arn.split(':').at(6) ?? '').slice(0, 16);

const recordOf = (lines: readonly Line[]): ExecutionRecord | undefined =>
  lines.reduce<ExecutionRecord | undefined>((record, line) => {
    if ('start' in line) return startedRecord(line.start);
    if (record === undefined || 'event' in line) return record;
    return 'rerun' in line ? withRerun(record, line.rerun) : withOutcome(record, line.outcome);
  }, undefined);

/**
 * Executions and their histories on disk: one file of JSON lines for each execution, to which lines are only ever appended.
 * Appending is synchronous, so what was answered to a client survives the end of the process, `kill -9` included; it is not
 * forced out of the system's cache, so a power failure may take the latest lines.
 */
export class ExecutionStore {
  readonly #executions: string;
  readonly #definitions: string;

  constructor(dataDir: string) {
    this.#executions = join(dataDir, 'executions');
    this.#definitions = join(dataDir, 'definitions');
    mkdirSync(this.#executions, { recursive: true });
    mkdirSync(this.#definitions, { recursive: true });
  }

  #fileOf(executionArn: string): string {
    return join(this.#executions, folderNameOf(executionArn), fileNameOf(executionArn));
  }

  /** Appends all lines at once: after a crash either all of them are there or, at worst, a cut tail that `load` removes. */
  append(executionArn: string, lines: readonly Line[]): void {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    appendFileSync(this.#fileOf(executionArn), text);
  }

  begin(start: ExecutionStart, firstEvent: HistoryEvent): void {
    mkdirSync(join(this.#executions, folderNameOf(start.executionArn)), { recursive: true });
    this.append(start.executionArn, [{ start }, { event: firstEvent }]);
  }

  history(executionArn: string): HistoryEvent[] {
    const lines = this.#read(this.#fileOf(executionArn));
    return lines.flatMap((line) => ('event' in line ? [line.event] : []));
  }

  #read(file: string): Line[] {
    const text = readFileSync(file, 'utf8');
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => lineSchema.parse(JSON.parse(line)));
  }

  /** All executions of earlier runs of the server, oldest first. A line that a crash cut off is removed. */
  load(): StoredExecution[] {
    const files = readdirSync(this.#executions, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.jsonl'))
      .map((file) => join(this.#executions, file));
    return files
      .flatMap((file) => this.#loadFile(file))
      .sort((left, right) => left.record.startDate - right.record.startDate);
  }

  #loadFile(file: string): StoredExecution[] {
    const bytes = readFileSync(file);
    const whole = bytes.lastIndexOf('\n') + 1;
    if (whole < bytes.length) truncateSync(file, whole);
    const lines = this.#read(file);
    const record = recordOf(lines);
    if (record !== undefined) {
      const lastEventId = lines.reduce((last, line) => ('event' in line ? line.event.id : last), 0);
      return [{ record, lastEventId }];
    }
    // Its start was never answered, so for the client this execution does not exist.
    rmSync(file);
    return [];
  }

  /** Keeps the text of a definition and returns the key to read it by. */
  keepDefinition(definition: string): string {
    const hash = sha256Hex(definition);
    const file = join(this.#definitions, `${hash}.json`);
    if (!existsSync(file)) {
      writeFileSync(`${file}.new`, definition);
      renameSync(`${file}.new`, file);
    }
    return hash;
  }

  definition(hash: string): string {
    return readFileSync(join(this.#definitions, `${hash}.json`), 'utf8');
  }
}
