import { isNativeError } from 'node:util/types';
import { AccessRefused, ServiceUnavailable } from '../domain/errors.ts';

const REFUSED =
  /^(?:AccessDenied|UnauthorizedOperation|K[Mm][Ss]|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|UnrecognizedClient)/;
const TEMPORARY =
  /^(?:Throttl|ProvisionedThroughputExceeded|RequestLimitExceeded|ExecutionLimitExceeded|LimitExceeded|TooManyRequests|SlowDown|RequestTimeout|InternalError|InternalServerError|InternalFailure|ServiceUnavailable|TimeoutError|NetworkingError|TransactionConflict|K[Mm][Ss]\.?(?:K[Mm][Ss])?(?:Throttling|Internal|DependencyTimeout))/;
const NETWORK = /^(?:ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|EHOSTUNREACH|UND_ERR)/;

const statusOf = (error: Error): number =>
  '$metadata' in error &&
  typeof error.$metadata === 'object' &&
  error.$metadata !== null &&
  'httpStatusCode' in error.$metadata &&
  typeof error.$metadata.httpStatusCode === 'number'
    ? error.$metadata.httpStatusCode
    : 0;

/**
 * A refused HeadObject has no body and so no code, only its status: the SDK calls it `Unknown`. Of an archived object S3
 * says 403 too, but that one can be read by whoever restores it; callers tell it by its name.
 */
const isRefusal = (error: Error): boolean =>
  REFUSED.test(error.name) || (statusOf(error) === 403 && error.name !== 'InvalidObjectState');

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : '';

/**
 * An SDK error in this project's words, with the original as its cause: `ServiceUnavailable` where trying again can
 * help, `AccessRefused` where it cannot. Any other is given back as it is, also one that was translated before: what is
 * written to one service may have failed to come from another.
 */
export const translatedError = (error: unknown, service: string): unknown => {
  if (!isNativeError(error) || error instanceof ServiceUnavailable) return error;
  if (statusOf(error) >= 500 || TEMPORARY.test(error.name) || NETWORK.test(codeOf(error))) {
    return new ServiceUnavailable(`${service} did not answer.`, { cause: error });
  }
  if (isRefusal(error)) return new AccessRefused(`${service} refused access.`, { cause: error });
  return error;
};

/** Runs a call to an AWS service; its errors come out translated. */
export const translated = async <T>(service: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    throw translatedError(error, service);
  }
};
