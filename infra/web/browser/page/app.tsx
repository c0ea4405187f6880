import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PageSettings } from '../../page-settings.ts';
import { CheckPackage } from './check-package.tsx';
import { ExportDetails } from './export-details.tsx';
import { ExportList } from './export-list.tsx';
import { CHECK_HASH, exportHash, START_HASH, useIsOnline, usePlace, type Place } from './hooks.ts';
import { NewExport } from './new-export.tsx';
import { Notice } from './notice.tsx';
import { createServices, ServicesProvider, useServices } from './services.ts';
import { forget, forgetSession, type Session } from './session.ts';
import { SignedOut, SignInExpired } from './signed-out.tsx';
import { useDroppedFile } from './use-dropped-file.ts';
import { useExportList } from './use-export-list.ts';

const Header = ({ session, onSignOut }: { session: Session | undefined; onSignOut: () => void }) => (
  <header class="top">
    <a class="product" href={START_HASH}>
      Data export
    </a>
    <nav>
      <a href={CHECK_HASH}>Check a package</a>
    </nav>
    {session === undefined ? null : (
      <div class="person">
        <span class="quiet user">{session.userId}</span>
        <button type="button" onClick={onSignOut}>
          Sign out
        </button>
      </div>
    )}
  </header>
);

const SignedInPages = ({ place }: { readonly place: Place }) => {
  const { api } = useServices();
  const list = useExportList(api);
  const removed = (exportId: string) => list.changed(exportId);
  switch (place.name) {
    case 'export':
      return <ExportDetails key={place.exportId} exportId={place.exportId} onRemoved={removed} />;
    default:
      return (
        <div class="start-page">
          <h1 class="visually-hidden">Your exports and a new one</h1>
          <NewExport
            onStarted={(exportId) => {
              list.changed();
              location.hash = exportHash(exportId);
            }}
          />
          <ExportList list={list} />
        </div>
      );
  }
};

interface SignedInProps {
  readonly place: Place;
  readonly settings: PageSettings;
  readonly session: Session;
  readonly announce: (text: string) => void;
}

/** Whether the token's time is over, by the clock or because the service says so. */
const useIsExpired = ({ expiresAt }: Session): [isExpired: boolean, expire: () => void] => {
  const [isExpired, setIsExpired] = useState(Date.now() >= expiresAt);
  useEffect(() => {
    // A longer wait than this is none to setTimeout.
    const wait = Math.min(expiresAt - Date.now(), 2 ** 31 - 1);
    const timer = setTimeout(() => setIsExpired(Date.now() >= expiresAt), wait);
    return () => clearTimeout(timer);
  }, [expiresAt]);
  return [isExpired, () => setIsExpired(true)];
};

const SignedIn = ({ place, settings, session, announce }: SignedInProps) => {
  const [isExpired, expire] = useIsExpired(session);
  const services = useMemo(
    () => createServices({ settings, session, onExpired: expire, announce }),
    [settings, session],
  );
  return (
    <ServicesProvider value={{ ...services, isExpired }}>
      {isExpired ? <SignInExpired settings={settings} userId={session.userId} /> : null}
      {place.name === 'check' ? null : <SignedInPages place={place} />}
    </ServicesProvider>
  );
};

export interface AppProps {
  readonly settings: PageSettings;
  readonly session: Session | undefined;
  readonly signInFailure: string | undefined;
}

/** The whole page. */
export const App = ({ settings, session: first, signInFailure }: AppProps) => {
  const [session, setSession] = useState(first);
  const place = usePlace();
  const [dropped, setDropped] = useState<File>();
  const isDropping = useDroppedFile((file) => {
    setDropped(file);
    location.hash = CHECK_HASH;
  });
  const isOnline = useIsOnline();
  const spoken = useRef<HTMLParagraphElement>(null);
  const announce = useMemo(
    () => (text: string) => {
      if (spoken.current !== null) spoken.current.textContent = text;
    },
    [],
  );
  const signOut = async (): Promise<void> => {
    forgetSession();
    forget('draft');
    setSession(undefined);
    location.hash = START_HASH;
    if (session === undefined) return;
    const { endSession } = await import('./sign-in.ts');
    // Here it is forgotten in any case; an issuer that cannot be reached only remembers longer.
    await endSession(settings, session).catch(() => undefined);
  };
  return (
    <>
      <Header session={session} onSignOut={() => void signOut()} />
      <p class="visually-hidden" role="status" ref={spoken} />
      <main>
        {isOnline ? null : (
          <Notice tone="warning" title="You are offline" isAlert>
            <p>This page goes on by itself when you are back. Running exports do not need you.</p>
          </Notice>
        )}
        {place.name === 'check' ? <CheckPackage file={dropped} /> : null}
        {session === undefined && place.name !== 'check' ? (
          <SignedOut settings={settings} failure={signInFailure} />
        ) : null}
        {session === undefined ? null : (
          <SignedIn place={place} settings={settings} session={session} announce={announce} />
        )}
      </main>
      {isDropping ? <p class="dropping">Drop a package to check it</p> : null}
    </>
  );
};
