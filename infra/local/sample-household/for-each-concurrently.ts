/**
 * Does the work for every element, at most `limit` at a time. After a failure no further work is begun, and the promise
 * rejects with that failure once what was under way has settled.
 */
export const forEachConcurrently = async <T>(
  elements: readonly T[],
  limit: number,
  work: (element: T) => Promise<void>,
): Promise<void> => {
  const waiting = elements.values();
  let hasFailed = false;
  const workers = Array.from({ length: limit }, async () => {
    for (const element of waiting) {
      if (hasFailed) return;
      try {
        await work(element);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  });
  for (const outcome of await Promise.allSettled(workers)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
};
