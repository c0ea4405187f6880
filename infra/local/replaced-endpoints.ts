import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import {
  EMBEDDED_SERVICES,
  ENDPOINT_VARIABLES,
  InvalidSetting,
  type EmbeddedService,
  type LocalSettings,
} from './local-settings.ts';

type Replaced = LocalSettings['replaced'];

/** Beyond this a person thinks that nothing happens. */
const ANSWER_WITHIN_MS = 5_000;

/** Any answer will do: what a service says to a request that nobody signed is its own affair. */
const answer = (url: URL, withinMs: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const sent = send(url, { agent: false, signal: AbortSignal.timeout(withinMs) }, (response) => {
      response.destroy();
      resolve();
    });
    sent.on('error', reject).end();
  });

const assertAnswers = async (service: EmbeddedService, url: string, withinMs: number): Promise<void> => {
  try {
    await answer(new URL(url), withinMs);
  } catch (cause) {
    throw new InvalidSetting(
      `${ENDPOINT_VARIABLES[service]} is ${url}, but nothing answers there. Start that service, or unset the variable ` +
        'to use the embedded one.',
      { cause },
    );
  }
};

/** @throws InvalidSetting that names the variable of an endpoint where nothing answers within `withinMs` */
export const assertEndpointsAnswer = async (
  replaced: Replaced,
  withinMs = ANSWER_WITHIN_MS,
): Promise<void> => {
  await Promise.all(
    EMBEDDED_SERVICES.map(async (service) => {
      const url = replaced[service];
      if (url !== undefined) await assertAnswers(service, url, withinMs);
    }),
  );
};

/**
 * Runs what is asked of a service while the system starts.
 * @throws InvalidSetting that names the variable when a service that is not ours does not do it
 */
export const askedOf = async <T>(
  replaced: Replaced,
  service: EmbeddedService,
  work: () => Promise<T>,
): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    const url = replaced[service];
    if (url === undefined) throw cause;
    throw new InvalidSetting(
      `${ENDPOINT_VARIABLES[service]} is ${url}, but what answers there did not do as it was asked. Check that it is ` +
        'the right service, and the AWS_… variables with your credentials.',
      { cause },
    );
  }
};
