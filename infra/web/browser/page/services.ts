import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { createExportApi, type ExportApi } from '../../../../shared/client/export-api.ts';
import type { PageSettings } from '../../page-settings.ts';
import { DownloadRun } from './download-run.ts';
import { ExportWatch } from './export-watch.ts';
import type { Session } from './session.ts';

/** What all parts of the page share while somebody is signed in. */
export interface Services {
  readonly api: ExportApi;
  readonly session: Session;
  /** Whether the sign-in is over, so that nothing can be asked for until the person comes back. */
  readonly isExpired: boolean;
  /** The one watch of an export, however many look at it. */
  readonly watchOf: (exportId: string) => ExportWatch;
  /** The one download of a package, wherever it was begun. */
  readonly downloadOf: (exportId: string) => DownloadRun;
  /** Says something to whoever does not see the page change. */
  readonly announce: (text: string) => void;
}

export interface ServicesOptions {
  readonly settings: PageSettings;
  readonly session: Session;
  /** The service no longer takes the token. */
  readonly onExpired: () => void;
  readonly announce: (text: string) => void;
}

const oneForEach = <T>(create: (exportId: string) => T): ((exportId: string) => T) => {
  const created = new Map<string, T>();
  return (exportId) => {
    const one = created.get(exportId) ?? create(exportId);
    created.set(exportId, one);
    return one;
  };
};

export const createServices = ({
  settings,
  session,
  onExpired,
  announce,
}: ServicesOptions): Omit<Services, 'isExpired'> => {
  const api = createExportApi({
    baseUrl: settings.apiUrl,
    token: () => session.accessToken,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (response.status === 401) onExpired();
      return response;
    },
  });
  const watchOf = oneForEach((exportId) => new ExportWatch(api, exportId));
  const downloadOf = oneForEach((exportId) => new DownloadRun(api, exportId));
  return { api, session, watchOf, downloadOf, announce };
};

const ServicesContext = createContext<Services | undefined>(undefined);
export const ServicesProvider = ServicesContext.Provider;

export const useServices = (): Services => {
  const services = useContext(ServicesContext);
  if (services === undefined) throw new Error('Nobody is signed in here.');
  return services;
};
