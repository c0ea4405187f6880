/** More than the files that a packager reads ahead; of the SDK's own 50, some would wait for others. */
const MOST_SOCKETS = 100;

/**
 * How every SDK client of this service is set up. Endpoints come from `AWS_ENDPOINT_URL[_SERVICE]` alone, which the
 * SDK reads by itself, so that any AWS-compatible server can stand in for AWS. A socket that stays silent for a minute
 * is given up, before an answer and in the middle of its body, because without a limit it would be waited for until the
 * function is killed. It must not be less: S3 takes its time to complete an upload.
 */
export const CLIENT_SETTINGS = {
  maxAttempts: 5,
  requestHandler: {
    connectionTimeout: 5_000,
    socketTimeout: 60_000,
    httpAgent: { maxSockets: MOST_SOCKETS },
    httpsAgent: { maxSockets: MOST_SOCKETS },
  },
} as const;
