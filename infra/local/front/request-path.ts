import type { IncomingMessage } from 'node:http';

/** The path as it came, percent-encoded, without its query. */
export const requestPath = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] ?? '/';
