import { useState } from 'preact/hooks';
import type { PageSettings } from '../../page-settings.ts';
import { Notice, TroubleNotice } from './notice.tsx';
import { troubleOf, type Trouble } from './trouble.ts';

/** Goes to the issuer; answers why that did not work. */
const useSignIn = (settings: PageSettings, hint?: string) => {
  const [trouble, setTrouble] = useState<Trouble>();
  const [isLeaving, setIsLeaving] = useState(false);
  const signIn = async (): Promise<void> => {
    if (isLeaving) return;
    setIsLeaving(true);
    setTrouble(undefined);
    try {
      const { beginSignIn } = await import('./sign-in.ts');
      await beginSignIn(settings, location.hash, hint);
    } catch (error) {
      setTrouble({ ...troubleOf(error), title: 'The sign-in cannot be reached' });
      setIsLeaving(false);
    }
  };
  return { signIn, isLeaving, trouble };
};

interface SignedOutProps {
  readonly settings: PageSettings;
  /** Why a sign-in that was begun did not end well. */
  readonly failure: string | undefined;
}

/** What the page is for, and the way in. */
export const SignedOut = ({ settings, failure }: SignedOutProps) => {
  const { signIn, isLeaving, trouble } = useSignIn(settings);
  return (
    <section class="card welcome stack">
      <h1>Take your household’s data with you</h1>
      <p>
        Get one package with everything you keep here: accounts, transactions, categories, import rules and
        every statement you have uploaded. It opens on any computer and proves by itself that nothing is
        missing.
      </p>
      {failure === undefined ? null : <Notice tone="bad" title={failure} isAlert />}
      {trouble === undefined ? null : <TroubleNotice trouble={trouble} />}
      <div class="buttons">
        <button type="button" class="primary" aria-disabled={isLeaving} onClick={() => void signIn()}>
          {isLeaving ? 'Leading to the sign-in …' : 'Sign in'}
        </button>
      </div>
    </section>
  );
};

interface ExpiredProps {
  readonly settings: PageSettings;
  readonly userId: string;
}

/** The way back in, for somebody whose sign-in has ended meanwhile. */
export const SignInExpired = ({ settings, userId }: ExpiredProps) => {
  const { signIn, isLeaving, trouble } = useSignIn(settings, userId);
  return (
    <Notice tone="warning" title="Your sign-in has ended" isAlert>
      <p>Sign in again to go on. What you have entered is kept, and running exports go on by themselves.</p>
      {trouble === undefined ? null : <p>{trouble.detail}</p>}
      <button type="button" class="primary" aria-disabled={isLeaving} onClick={() => void signIn()}>
        Sign in again
      </button>
    </Notice>
  );
};
