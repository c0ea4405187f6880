import { ApiProblem, ApiUnreachable } from '../../../../shared/client/export-api.ts';

/** What went wrong, for the person. */
export interface Trouble {
  readonly title: string;
  readonly detail: string;
  /** Whether the same thing may work in a while without anybody changing anything. */
  readonly mayPass: boolean;
  /** To tell support. */
  readonly requestId?: string;
}

const UNREACHABLE: Trouble = {
  title: 'The service cannot be reached',
  detail: 'Check your connection. Nothing of what you entered is lost.',
  mayPass: true,
};

const CAP: Trouble = {
  title: 'You already have as many exports running as possible',
  detail: 'Wait until one of them is ready, or cancel one. Then start this one again.',
  mayPass: true,
};

const titleOf = ({ status }: ApiProblem): string => {
  if (status === 429) return 'That was a bit too quick';
  if (status === 404) return 'This export is not there';
  return status >= 500 ? 'Something went wrong on our side' : 'That did not work';
};

const FALLBACK = 'Please try again in a moment.';
const ON_OUR_SIDE = 'Please try again in a moment. If it stays like this, tell support about it.';

/** In words; an error that is no answer of the service is told without what it says. */
export const troubleOf = (error: unknown): Trouble => {
  if (error instanceof ApiUnreachable) return UNREACHABLE;
  if (!(error instanceof ApiProblem)) {
    return { title: 'Something went wrong', detail: FALLBACK, mayPass: true };
  }
  if (error.code === 'ActiveExportLimitReached') return CAP;
  const said = error.status >= 500 ? ON_OUR_SIDE : error.detail || FALLBACK;
  const fields = error.errors.map(({ pointer, detail }) => `${pointer.slice(1)}: ${detail}`);
  return {
    title: titleOf(error),
    detail: [said, ...fields].join(' '),
    mayPass: error.status >= 500 || error.status === 429,
    ...(error.status >= 500 && error.requestId !== undefined ? { requestId: error.requestId } : {}),
  };
};

/** Whether the sign-in is over: 401, whichever part of the service says so. */
export const isSignedOut = (error: unknown): boolean => error instanceof ApiProblem && error.status === 401;
