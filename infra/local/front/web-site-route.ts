import type { ServerResponse } from 'node:http';
import type { PageSettings } from '../../web/page-settings.ts';
import { securityHeaders } from '../../web/security-headers.ts';
import { webSite, type WebFile } from '../../web/web-site.ts';
import type { LocalRoute } from './local-front.ts';
import { requestPath } from './request-path.ts';

export interface WebSiteRouteOptions {
  readonly settings: PageSettings;
  /** Origins other than its own that the page talks to. */
  readonly connectTo: readonly string[];
}

const configFile = (settings: PageSettings): WebFile => ({
  path: '/config.json',
  contentType: 'application/json',
  cacheControl: 'no-cache',
  bytes: Buffer.from(JSON.stringify(settings)),
});

const filesByPath = async (settings: PageSettings): Promise<ReadonlyMap<string, WebFile>> => {
  const files = [...(await webSite()), configFile(settings)];
  const byPath = new Map(files.map((file) => [file.path, file]));
  const index = byPath.get('/index.html');
  return index === undefined ? byPath : byPath.set('/', index);
};

const isOfTheApi = (path: string): boolean => path === '/export' || path.startsWith('/export/');

/** The page, on the paths of its files and no others. It is built when it is first asked for. */
export const createWebSiteRoute = ({ settings, connectTo }: WebSiteRouteOptions): LocalRoute => {
  let files: ReturnType<typeof filesByPath> | undefined;

  const send = (
    response: ServerResponse,
    { contentType, cacheControl, bytes, hasOwnPolicy = false }: WebFile,
  ): void => {
    response
      .writeHead(200, {
        ...securityHeaders({ connectTo, isHttps: false, hasOwnPolicy }),
        'content-type': contentType,
        'content-length': bytes.length,
        'cache-control': cacheControl,
      })
      .end(bytes);
  };

  return async (request, response) => {
    const path = requestPath(request);
    if ((request.method !== 'GET' && request.method !== 'HEAD') || isOfTheApi(path)) return false;
    files ??= filesByPath(settings);
    const file = (await files).get(path);
    if (file === undefined) return false;
    send(response, file);
    return true;
  };
};
