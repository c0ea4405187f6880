import { useCallback, useEffect, useState } from 'preact/hooks';
import type { ExportPreview } from '../../../../shared/api/replies.ts';
import type { ExportType } from './export-draft.ts';
import { useServices } from './services.ts';
import { troubleOf, type Trouble } from './trouble.ts';

export interface PreviewState {
  /** Of the type that was asked for last; the names in it are the same for every type. */
  readonly preview: ExportPreview | undefined;
  readonly isLoading: boolean;
  readonly trouble: Trouble | undefined;
  readonly retry: () => void;
}

/** What an export of a type would hold. */
export const usePreview = (exportType: ExportType): PreviewState => {
  const { api } = useServices();
  const [preview, setPreview] = useState<ExportPreview>();
  const [trouble, setTrouble] = useState<Trouble>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    setTrouble(undefined);
    api.preview(exportType).then(
      (answer) => {
        if (isCurrent) setPreview(answer);
      },
      (error: unknown) => {
        if (isCurrent) setTrouble(troubleOf(error));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [api, exportType, attempt]);
  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  const isLoading = trouble === undefined && preview?.exportType !== exportType;
  return { preview, isLoading, trouble, retry };
};
