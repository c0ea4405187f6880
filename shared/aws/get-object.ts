import {
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';

const leaving = new WeakSet<S3Client>();

/** Once for a client, not for each command: then the client need not put its middleware in order for each. */
const leaveComparing = (client: S3Client): void => {
  if (leaving.has(client)) return;
  leaving.add(client);
  // The request has its header by the step `build`; what is read afterwards is only whether the SDK is to compare.
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) =>
        next(
          commandName === 'GetObjectCommand'
            ? { ...args, input: { ...args.input, ChecksumMode: undefined } }
            : args,
        ),
    { step: 'build', name: 'checksumIsComparedByReader' },
  );
};

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
  leaveComparing(client);
  const command = new GetObjectCommand({ ...input, ChecksumMode: 'ENABLED' });
  try {
    return await (signal === undefined
      ? client.send(command)
      : client.send(command, { abortSignal: signal }));
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
};
