import { S3ServiceException } from '@aws-sdk/client-s3';
import { InterimCorrupted } from '../domain/errors.ts';
import { translated } from './translated.ts';

/** How the bucket of interim objects and packages is called in error messages. */
export const STORAGE = 'The storage of exports';

const CORRUPTIONS: Readonly<Record<string, string>> = {
  NoSuchKey: 'An object that a step of this export wrote is gone.',
  // The answer to HEAD has no body that could tell more.
  NotFound: 'An object that a step of this export wrote is gone.',
  PreconditionFailed: 'An object that a step of this export wrote was replaced.',
};

/** Runs a call that reads or copies what a step of this export wrote. @throws InterimCorrupted when it is gone or was replaced */
export const written = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await translated(STORAGE, call);
  } catch (error) {
    const corruption = error instanceof S3ServiceException ? CORRUPTIONS[error.name] : undefined;
    throw corruption === undefined ? error : new InterimCorrupted(corruption, { cause: error });
  }
};
