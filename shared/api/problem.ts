import * as z from 'zod/mini';
import { isProblemCode, PROBLEMS } from '../http.ts';
import { documentation } from './documentation.ts';
import { choice, text } from './values.ts';

const fieldProblem = z.object({
  pointer: text('Where in the body it is: a JSON Pointer (RFC 6901); empty for the body as a whole.'),
  detail: text('What is wrong with it.'),
});

/** `application/problem+json` (RFC 9457). */
export const problem = z
  .object({
    type: z.literal('about:blank').register(documentation, { description: '`code` tells problems apart.' }),
    title: text('The name of the status.'),
    status: z.int().check(z.gte(400), z.lte(599)).register(documentation, {
      description: 'The status of the answer.',
    }),
    detail: text('What is wrong, in a sentence for the person who asked.'),
    code: z.optional(
      choice(
        Object.keys(PROBLEMS).filter(isProblemCode),
        'What is wrong, for programs. Absent where nobody has foreseen it.',
      ),
    ),
    errors: z
      .optional(z.array(fieldProblem))
      .register(documentation, { description: 'Each field that is not as it should be.' }),
    requestId: text('Tell it to support.'),
  })
  .register(documentation, {
    id: 'Problem',
    description: 'Why the service refuses a request, or cannot answer it (RFC 9457).',
    examples: [
      {
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        detail: 'The request has fields that are not as they should be.',
        code: 'InvalidRequest',
        errors: [
          {
            pointer: '/exportType',
            detail: 'Must be one of complete, selective, accounts_only, transactions_only.',
          },
        ],
        requestId: 'c6872f1c-6c3f-4a0e-9d52-1f4f3a3bb0a1',
      },
    ],
  });
export type Problem = z.infer<typeof problem>;

/** What the gateway itself answers, before or instead of the service. */
export const gatewayMessage = z
  .object({ message: text('What is wrong, in a word or two.') })
  .register(documentation, {
    id: 'GatewayMessage',
    description: 'What the gateway before the service answers, when a request does not get through to it.',
    examples: [{ message: 'Unauthorized' }],
  });
export type GatewayMessage = z.infer<typeof gatewayMessage>;
