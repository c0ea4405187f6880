import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { createExportApi, type ExportApi } from '../../../../shared/client/export-api.ts';
import type { PageSettings } from '../../page-settings.ts';
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
  const watches = new Map<string, ExportWatch>();
  const watchOf = (exportId: string): ExportWatch => {
    const watch = watches.get(exportId) ?? new ExportWatch(api, exportId);
    watches.set(exportId, watch);
    return watch;
  };
  return { api, session, watchOf, announce };
};

const ServicesContext = createContext<Services | undefined>(undefined);
export const ServicesProvider = ServicesContext.Provider;

export const useServices = (): Services => {
  const services = useContext(ServicesContext);
  if (services === undefined) throw new Error('Nobody is signed in here.');
  return services;
};
