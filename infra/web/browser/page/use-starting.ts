import { useRef, useState } from 'preact/hooks';
import { ApiUnreachable } from '../../../../shared/client/export-api.ts';
import { requestBodyOf, type ExportDraft } from './export-draft.ts';
import { useServices } from './services.ts';
import { isSignedOut, troubleOf, type Trouble } from './trouble.ts';

/** A click on "Start": what it asked for, under the one key that makes its repetitions harmless. */
interface Click {
  readonly draft: ExportDraft;
  readonly body: ReturnType<typeof requestBodyOf>;
  readonly key: string;
}

/** Whether the answer to a request may have been lost on its way: only then a repetition is the same click. */
const isInDoubt = (error: unknown): boolean => error instanceof ApiUnreachable;

export interface Starting {
  readonly isStarting: boolean;
  readonly trouble: Trouble | undefined;
  readonly start: (draft: ExportDraft) => Promise<void>;
}

/**
 * Starts exports, one for each click: a click whose answer never came is sent again under its own key, so that nothing is
 * exported twice; any other is a new one.
 */
export const useStarting = (onStarted: (exportId: string) => void): Starting => {
  const { api } = useServices();
  const [isStarting, setIsStarting] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const click = useRef<Click>(null);
  const isBusy = useRef(false);

  const start = async (draft: ExportDraft): Promise<void> => {
    if (isBusy.current) return;
    isBusy.current = true;
    setIsStarting(true);
    setTrouble(undefined);
    if (click.current?.draft !== draft) {
      click.current = { draft, body: requestBodyOf(draft, new Date()), key: crypto.randomUUID() };
    }
    const { body, key } = click.current;
    try {
      const { exportId } = await api.start(body, key);
      click.current = null;
      onStarted(exportId);
    } catch (error) {
      if (!isInDoubt(error)) click.current = null;
      if (!isSignedOut(error)) setTrouble(troubleOf(error));
    } finally {
      isBusy.current = false;
      setIsStarting(false);
    }
  };
  return { isStarting, trouble, start };
};
