import type { ApiProblem } from '../../../shared/client/export-api.ts';
import { CommandFailed } from './command-line.ts';

const WHAT_TO_DO: Readonly<Record<number, string>> = {
  401: 'The token was refused: it is missing, over, or of another service. Get a new one and try again.',
  403: 'The token does not allow this.',
};

const reasonOf = ({ detail, errors }: ApiProblem): string =>
  detail + errors.map((field) => ` ${field.pointer.slice(1) || 'body'}: ${field.detail}`).join('');

/** An answer that is no success, as a sentence for the person who asked. */
export const httpFailure = (request: string, problem: ApiProblem): CommandFailed =>
  new CommandFailed(
    `The service answered ${request} with ${problem.status}. ${WHAT_TO_DO[problem.status] ?? (reasonOf(problem) || problem.title)}`,
  );
