import { useState } from 'preact/hooks';
import { ApiProblem } from '../../../../shared/client/export-api.ts';
import { useServices } from './services.ts';
import { troubleOf, type Trouble } from './trouble.ts';

export interface Removing {
  readonly isRemoving: boolean;
  readonly trouble: Trouble | undefined;
  readonly remove: () => Promise<void>;
}

const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/**
 * Removes an export, asking again until nothing of it is left or the tab goes: then the service finishes it by itself.
 * `onAccepted` is told as soon as it is certain to go.
 */
export const useRemoving = (exportId: string, onAccepted: () => void): Removing => {
  const { api, watchOf } = useServices();
  const [isRemoving, setIsRemoving] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();

  const removeAll = async (): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      const { erased, retryAfterSeconds = 2 } = await api.remove(exportId);
      if (attempt === 1) onAccepted();
      watchOf(exportId).refresh();
      if (erased) return;
      await pause(retryAfterSeconds);
    }
  };

  const remove = async (): Promise<void> => {
    setIsRemoving(true);
    setTrouble(undefined);
    try {
      await removeAll();
    } catch (error) {
      const isGone = error instanceof ApiProblem && error.status === 404;
      if (isGone) watchOf(exportId).refresh();
      else setTrouble(troubleOf(error));
    } finally {
      setIsRemoving(false);
    }
  };
  return { isRemoving, trouble, remove };
};
