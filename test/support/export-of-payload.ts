/** The export that a step's input, or an event about an ended execution, is about. */
export const exportOfPayload = (payload: unknown): string => {
  const { exportId, run, detail } = payload as {
    exportId?: string;
    run?: { exportId: string };
    detail?: { name?: string };
  };
  return exportId ?? run?.exportId ?? detail?.name ?? '';
};
