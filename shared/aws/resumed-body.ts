import { S3ServiceException, type GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { ServiceUnavailable } from '../domain/errors.ts';
import { storedChecksum, type StoredChecksum } from './stored-checksum.ts';

/** When a body is taken for broken, and how often it is asked for again. */
export interface ResumePolicy {
  /** How long a body may send nothing to a reader who waits for it, in ms. */
  readonly silenceMs: number;
  /** How often in a row a body may be asked for again without one more byte coming. */
  readonly attempts: number;
  /** The longest pause before the first of these, in ms; it doubles with each, up to `longestPauseMs`. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

/** About ten seconds of pauses on the average: S3 mends itself in less, and whoever waits longer should begin anew. */
export const RESUME_POLICY: ResumePolicy = {
  silenceMs: 20_000,
  attempts: 8,
  firstPauseMs: 200,
  longestPauseMs: 5_000,
};

/** Which bytes of which version of an object a request is for; all of the current one when it says nothing. */
export interface RequestedPart {
  readonly Range?: string;
  readonly IfMatch?: string;
}

/** Sends a GetObject. It must fail with `ServiceUnavailable` where asking again can help. */
export type GetPart = (part: RequestedPart) => Promise<GetObjectCommandOutput>;

interface BodySource {
  readonly get: GetPart;
  /** How the storage is called in error messages. */
  readonly service: string;
  /** Ends the reading, with its reason. */
  readonly signal?: AbortSignal | undefined;
  readonly policy?: ResumePolicy | undefined;
}

/** Bytes of one version of an object: from `start` to before `end`. */
export interface PinnedRange {
  readonly version: string;
  readonly start: number;
  readonly end: number;
}

interface OpenBody {
  readonly body: Readable;
  readonly range: PinnedRange;
  readonly checksum: StoredChecksum | undefined;
}

const CHANGED = new Set(['PreconditionFailed', 'NoSuchKey', 'InvalidObjectState']);
const isChange = (error: unknown): boolean => error instanceof S3ServiceException && CHANGED.has(error.name);

const readableOf = ({ Body }: GetObjectCommandOutput, service: string): Readable => {
  // In Node it always is one.
  if (Body instanceof Readable) return Body;
  throw new ServiceUnavailable(`${service} answered without a body.`);
};

const openWhole = async ({ get, service }: BodySource): Promise<OpenBody> => {
  const answer = await get({});
  const body = readableOf(answer, service);
  const { ContentLength: end, ETag: version } = answer;
  if (end !== undefined && version !== undefined) {
    return { body, range: { version, start: 0, end }, checksum: await storedChecksum(answer) };
  }
  body.destroy();
  throw new ServiceUnavailable(`${service} did not describe an object.`);
};

const openRange = async ({ get, service }: BodySource, range: PinnedRange): Promise<Readable> => {
  const { version, start, end } = range;
  const answer = await get({ Range: `bytes=${start}-${end - 1}`, IfMatch: version });
  const body = readableOf(answer, service);
  const isThePart = answer.ContentRange?.startsWith(`bytes ${start}-${end - 1}/`) ?? false;
  if (isThePart && answer.ContentLength === end - start) return body;
  body.destroy();
  throw new ServiceUnavailable(`${service} gave another part of an object than was asked for.`);
};

/** A body that goes on, from the byte at which it broke, as often as it makes progress. */
class ResumedBody extends Readable {
  readonly #source: BodySource;
  readonly #policy: ResumePolicy;
  #range: PinnedRange;
  #position: number;
  #checksum: StoredChecksum | undefined;
  #body: Readable;
  #chunks: AsyncIterator<unknown, unknown>;
  /** Since the last byte that came. */
  #breaks = 0;

  constructor(source: BodySource, { body, range, checksum }: OpenBody) {
    super();
    this.#source = source;
    this.#policy = source.policy ?? RESUME_POLICY;
    this.#range = range;
    this.#position = range.start;
    this.#checksum = checksum;
    this.#body = body;
    this.#chunks = body.iterator();
  }

  override _read(): void {
    this.#next().then(
      (chunk) => {
        if (!this.destroyed) this.push(chunk);
      },
      (error: unknown) => {
        this.destroy(error instanceof Error ? error : new Error('A read was ended.', { cause: error }));
      },
    );
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#body.destroy();
    done(error);
  }

  /** The next bytes, null after the last. */
  async #next(): Promise<Uint8Array | null> {
    for (;;) {
      try {
        const chunk = await this.#arrival();
        if (chunk !== undefined) return chunk;
        break;
      } catch (cause) {
        await this.#resume(cause);
      }
    }
    if (this.#checksum?.matches() === false) {
      throw new ServiceUnavailable(`${this.#source.service} gave other bytes than it has stored.`);
    }
    return null;
  }

  /** The next bytes of the body at hand, undefined after the last. @throws Error when it is broken */
  async #arrival(): Promise<Uint8Array | undefined> {
    const silence = setTimeout(() => {
      this.#body.destroy(new Error('The body was silent for too long.'));
    }, this.#policy.silenceMs);
    const { value, done } = await this.#chunks.next().finally(() => clearTimeout(silence));
    const missing = this.#range.end - this.#position;
    if (done === true && missing === 0) return undefined;
    if (!(value instanceof Uint8Array)) throw new Error('The body was too short.');
    if (value.length > missing) throw new Error('The body was too long.');
    this.#position += value.length;
    if (value.length > 0) this.#breaks = 0;
    this.#checksum?.update(value);
    return value;
  }

  /** Gets another body for the bytes that are missing. @throws ServiceUnavailable when that cannot be had either */
  async #resume(broken: unknown): Promise<void> {
    const { signal, service } = this.#source;
    for (let cause = broken; ;) {
      this.#body.destroy();
      signal?.throwIfAborted();
      this.#breaks += 1;
      if (this.destroyed || this.#breaks > this.#policy.attempts) {
        throw new ServiceUnavailable(`${service} did not give a whole answer.`, { cause });
      }
      await this.#pause();
      try {
        await this.#reopen();
        return;
      } catch (error) {
        if (isChange(error)) {
          throw new ServiceUnavailable(`${service} replaced or removed an object while it was read.`, {
            cause: error,
          });
        }
        if (!(error instanceof ServiceUnavailable)) throw error;
        cause = error;
      }
    }
  }

  async #pause(): Promise<void> {
    const { firstPauseMs, longestPauseMs } = this.#policy;
    const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#breaks - 1));
    const { signal } = this.#source;
    try {
      await wait(Math.random() * longest, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }

  async #reopen(): Promise<void> {
    const left = { ...this.#range, start: this.#position };
    this.#body = await openRange(this.#source, left);
    this.#chunks = this.#body.iterator();
    if (this.destroyed) this.#body.destroy();
  }
}

/**
 * Opens an object for reading it once, from its beginning to its end. A body that breaks off, or stays silent, goes on at the
 * byte at which it broke, in the same version of the object. Bytes that do not have the checksum which the storage tells of
 * the whole object fail after the last of them.
 * @throws ServiceUnavailable, also while it is read: what was read must be given up then
 * @throws whatever else `get` throws
 */
export const resumedObject = async (source: BodySource): Promise<Readable> =>
  new ResumedBody(source, await openWhole(source));

/** The same for part of an object, which has at least one byte. No checksum is told of a part. */
export const resumedRange = async (source: BodySource, range: PinnedRange): Promise<Readable> =>
  new ResumedBody(source, { body: await openRange(source, range), range, checksum: undefined });
