import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { ServiceUnavailable } from '../domain/errors.ts';
import type { Piece } from '../ports.ts';
import { STORAGE, written } from './artifact-errors.ts';
import { planParts, S3_PART_LIMITS, type CopiedPart, type PlannedPart, type SentPart } from './part-plan.ts';
import { translated } from './translated.ts';
import { untilAborted } from './until-aborted.ts';

/** Copies cost the function nothing but waiting; each part on its way out takes up to twice 8 MiB of memory. */
const COPIES_IN_FLIGHT = 32;
const SENT_IN_FLIGHT = 4;

/** Where the object that an upload becomes says by which upload it was made. */
const UPLOAD_MARK = 'upload-mark';

interface JoinTarget {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly contentType: string;
  /** Ends the joining, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

interface OpenUpload extends JoinTarget {
  /** What every call about the upload names. */
  readonly named: { readonly Bucket: string; readonly Key: string; readonly UploadId: string };
  /** Of this upload alone. */
  readonly mark: string;
}

interface JoinedParts {
  readonly parts: readonly CompletedPart[];
  readonly bytes: number;
}

/** Work of one kind, side by side. */
class Lane {
  readonly #width: number;
  readonly #failure: AbortController;
  readonly #underWay = new Set<Promise<void>>();

  /** `failure` is aborted with the first error of any work. */
  constructor(width: number, failure: AbortController) {
    this.#width = width;
    this.#failure = failure;
  }

  /** Starts the work as soon as there is room for it. */
  async start(work: () => Promise<void>): Promise<void> {
    while (this.#underWay.size >= this.#width) await Promise.race(this.#underWay);
    const run = work()
      .catch((error: unknown) => {
        this.#failure.abort(error);
      })
      .finally(() => this.#underWay.delete(run));
    this.#underWay.add(run);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}

/** `bucket/key` as `x-amz-copy-source` wants it: percent-encoded, or S3 takes `+` for a space and `%2E` for a dot. */
const copySource = (bucket: string, key: string): string =>
  `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;

const begin = async (target: JoinTarget): Promise<OpenUpload> => {
  const mark = randomUUID();
  const object = { Bucket: target.bucket, Key: target.key };
  const command = new CreateMultipartUploadCommand({
    ...object,
    ContentType: target.contentType,
    Metadata: { [UPLOAD_MARK]: mark },
    ChecksumAlgorithm: 'CRC64NVME',
    ChecksumType: 'FULL_OBJECT',
  });
  const { UploadId } = await translated(STORAGE, () => target.client.send(command));
  if (UploadId === undefined) throw new ServiceUnavailable(`${STORAGE} began an upload without a name.`);
  return { ...target, named: { ...object, UploadId }, mark };
};

const endedBy = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { abortSignal: signal });

const copy = async (
  { client, bucket, named, signal }: OpenUpload,
  part: CopiedPart,
): Promise<CompletedPart> => {
  const { source, start, length } = part.range;
  const command = new UploadPartCopyCommand({
    ...named,
    PartNumber: part.number,
    CopySource: copySource(bucket, source.key),
    CopySourceIfMatch: source.version,
    // S3 copies ranges only of objects above 5 MB; one of just that size is copied as it is.
    CopySourceRange: length === source.size ? undefined : `bytes=${start}-${start + length - 1}`,
  });
  const { CopyPartResult } = await written(() => client.send(command, endedBy(signal)));
  return {
    PartNumber: part.number,
    ETag: CopyPartResult?.ETag,
    ChecksumCRC64NVME: CopyPartResult?.ChecksumCRC64NVME,
  };
};

const bytesOf = async (pieces: readonly Piece[]): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for (const piece of pieces) {
    chunks.push(piece instanceof Uint8Array ? piece : await piece.source.read(piece.start, piece.length));
  }
  return Buffer.concat(chunks);
};

const send = async (
  { client, named, signal }: OpenUpload,
  { number, pieces }: SentPart,
): Promise<CompletedPart> => {
  const command = new UploadPartCommand({
    ...named,
    PartNumber: number,
    Body: await bytesOf(pieces),
    ChecksumAlgorithm: 'CRC64NVME',
  });
  const { ETag, ChecksumCRC64NVME } = await translated(STORAGE, () => client.send(command, endedBy(signal)));
  return { PartNumber: number, ETag, ChecksumCRC64NVME };
};

/** Returns or throws only when no part is on its way any more: an upload can be aborted in one go only then. */
const transfer = async (upload: OpenUpload, planned: AsyncIterable<PlannedPart>): Promise<JoinedParts> => {
  const failure = new AbortController();
  const copying = new Lane(COPIES_IN_FLIGHT, failure);
  const sending = new Lane(SENT_IN_FLIGHT, failure);
  const parts: CompletedPart[] = [];
  let bytes = 0;
  const { signal } = upload;
  try {
    for await (const part of signal === undefined ? planned : untilAborted(planned, signal)) {
      bytes += part.length;
      const isCopied = 'range' in part;
      await (isCopied ? copying : sending).start(async () => {
        parts[part.number - 1] = await (isCopied ? copy(upload, part) : send(upload, part));
      });
      failure.signal.throwIfAborted();
    }
  } finally {
    await Promise.all([copying.settled(), sending.settled()]);
  }
  failure.signal.throwIfAborted();
  return { parts, bytes };
};

/** The checksum of the object if this upload has become one. */
const storedChecksum = async ({ client, bucket, key, mark }: OpenUpload): Promise<string | undefined> => {
  try {
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' });
    const { Metadata, ChecksumCRC64NVME } = await client.send(command);
    return Metadata?.[UPLOAD_MARK] === mark ? ChecksumCRC64NVME : undefined;
  } catch {
    // Why the upload was not completed says more than why the object cannot be looked at.
    return undefined;
  }
};

/**
 * An answer may be lost although the upload is complete, and a repetition may then find no upload any more; so in doubt
 * the object is looked at. A refusal inside an answer of status 200 is turned into an error, and repeated, by the SDK.
 */
const complete = async (upload: OpenUpload, { parts, bytes }: JoinedParts): Promise<string> => {
  const command = new CompleteMultipartUploadCommand({
    ...upload.named,
    MultipartUpload: { Parts: [...parts] },
    MpuObjectSize: bytes,
  });
  try {
    const { ChecksumCRC64NVME } = await translated(STORAGE, () => upload.client.send(command));
    if (ChecksumCRC64NVME !== undefined) return ChecksumCRC64NVME;
    throw new ServiceUnavailable(`${STORAGE} did not say the checksum of an object.`);
  } catch (error) {
    const checksum = await storedChecksum(upload);
    if (checksum === undefined) throw error;
    return checksum;
  }
};

const abort = async ({ client, named }: OpenUpload): Promise<void> => {
  try {
    await client.send(new AbortMultipartUploadCommand(named));
  } catch {
    // What made us give up says more than this; the upload ends when its export is purged.
  }
};

/** Joins pieces into one object by a multipart upload, as `ArtifactStore.join` has it. */
export const joinedUpload = async (
  target: JoinTarget,
  pieces: AsyncIterable<Piece> | Iterable<Piece>,
): Promise<{ bytes: number; crc64nvme: string }> => {
  const upload = await begin(target);
  try {
    const joined = await transfer(upload, planParts(pieces, S3_PART_LIMITS));
    return { bytes: joined.bytes, crc64nvme: await complete(upload, joined) };
  } catch (error) {
    await abort(upload);
    target.signal?.throwIfAborted();
    throw error;
  }
};
