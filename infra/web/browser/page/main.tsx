import './page.css';
import { render } from 'preact';
import type { PageSettings } from '../../page-settings.ts';
import { App, type AppProps } from './app.tsx';
import { Notice } from './notice.tsx';
import { keepSession, keptSession } from './session.ts';
import { loadSettings } from './settings.ts';

const isReturning = ({ searchParams }: URL): boolean => searchParams.has('code') || searchParams.has('error');

/** Takes up a sign-in that the person comes back from; its traces leave the address before anything else happens. */
const begun = async (settings: PageSettings): Promise<Omit<AppProps, 'settings'>> => {
  const address = new URL(location.href);
  if (!isReturning(address)) return { session: keptSession(), signInFailure: undefined };
  history.replaceState(null, '', '/');
  const { finishSignIn } = await import('./sign-in.ts');
  try {
    const { session, returnTo } = await finishSignIn(settings, address);
    keepSession(session);
    history.replaceState(null, '', `/${returnTo}`);
    return { session, signInFailure: undefined };
  } catch (error) {
    const message = error instanceof Error && error.name === 'SignInFailed' ? error.message : '';
    return { session: undefined, signInFailure: message || 'Signing in did not work. Please try again.' };
  }
};

const show = async (root: Element): Promise<void> => {
  try {
    const settings = await loadSettings();
    render(<App settings={settings} {...await begun(settings)} />, root);
  } catch {
    render(
      <main>
        <h1>Data export</h1>
        <Notice tone="bad" title="The page could not be loaded" isAlert>
          <p>Check your connection, then try again.</p>
          <button type="button" onClick={() => location.reload()}>
            Try again
          </button>
        </Notice>
      </main>,
      root,
    );
  }
};

const root = document.querySelector('#app');
if (root !== null) await show(root);
