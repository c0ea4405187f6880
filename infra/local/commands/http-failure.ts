import * as z from 'zod/mini';
import { CommandFailed } from './command-line.ts';

/** What API Gateway itself answers has a message; everything else is problem+json (RFC 9457). */
const failureBody = z.object({
  detail: z.optional(z.string()),
  message: z.optional(z.string()),
  errors: z.optional(z.array(z.object({ pointer: z.string(), detail: z.string() }))),
});

const WHAT_TO_DO: Readonly<Record<number, string>> = {
  401: 'The token was refused: it is missing, over, or of another service. Get a new one and try again.',
  403: 'The token does not allow this.',
};

const fieldsOf = ({ errors = [] }: z.infer<typeof failureBody>): string =>
  errors.map(({ pointer, detail }) => ` ${pointer.slice(1) || 'body'}: ${detail}`).join('');

const reasonOf = (text: string): string => {
  try {
    const body = failureBody.parse(JSON.parse(text));
    return `${body.detail ?? body.message ?? ''}${fieldsOf(body)}`;
  } catch {
    return '';
  }
};

/** An answer that is no success, as a sentence for the person who asked. */
export const httpFailure = async (request: string, response: Response): Promise<CommandFailed> => {
  const reason = WHAT_TO_DO[response.status] ?? reasonOf(await response.text());
  return new CommandFailed(
    `The service answered ${request} with ${response.status}. ${reason || response.statusText}`,
  );
};
