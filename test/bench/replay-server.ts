import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOnLoopback, type LocalServer } from '../../infra/local/local-server.ts';
import { pageFinder, type RecordedPage, type Recording } from './recorded-pages.ts';

const refuse = (response: ServerResponse): void => {
  response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(
    JSON.stringify({
      __type: 'com.amazon.coral.validate#ValidationException',
      message: 'This was not recorded.',
    }),
  );
};

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  find: (body: string) => RecordedPage | undefined,
): Promise<void> => {
  const body = await text(request);
  const isQuery = request.headers['x-amz-target'] === 'DynamoDB_20120810.Query';
  const page = isQuery ? find(body) : undefined;
  if (page === undefined) {
    refuse(response);
    return;
  }
  response.writeHead(200, [...page.rawHeaders]);
  response.end(page.body);
};

/**
 * Answers one query as DynamoDB did when it was recorded, with next to no work of its own, so that whoever reads is what
 * takes the time. Signatures are not looked at; anything but the recorded query is refused.
 */
export const startReplayServer = (recording: Recording): Promise<LocalServer> => {
  const find = pageFinder(recording);
  const server = createServer((request, response) => {
    answer(request, response, find).catch(() => request.socket.destroy());
  });
  return listenOnLoopback(server, 0);
};
