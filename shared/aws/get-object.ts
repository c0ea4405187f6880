import {
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';

/**
 * Sends a GetObject that asks for the stored checksum, and leaves comparing it to the reader of the body: the SDK compares
 * answer by answer, so never a body that was read in several, and computes CRC-64/NVME, which S3 stores by default, in
 * JavaScript at 6 CPU seconds a GB. With an aborted signal it fails with the signal's reason.
 */
export const getObject = async (
  client: S3Client,
  input: GetObjectCommandInput,
  signal?: AbortSignal,
): Promise<GetObjectCommandOutput> => {
  const command = new GetObjectCommand({ ...input, ChecksumMode: 'ENABLED' });
  // The request has its header by the step `build`; what is read afterwards is only whether the SDK is to compare.
  command.middlewareStack.add(
    (next) => (args) => next({ ...args, input: { ...args.input, ChecksumMode: undefined } }),
    { step: 'build', name: 'checksumIsComparedByReader' },
  );
  try {
    return await client.send(command, signal === undefined ? {} : { abortSignal: signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
};
