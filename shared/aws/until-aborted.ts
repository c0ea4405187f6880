const iteratorOf = <T>(
  source: AsyncIterable<T, unknown> | Iterable<T, unknown>,
): AsyncIterator<T, unknown> | Iterator<T, unknown> =>
  Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();

/** What the source gives, until the signal is aborted: then fails with its reason, whatever the source waits for. */
export async function* untilAborted<T>(
  source: AsyncIterable<T> | Iterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const iterator = iteratorOf(source);
  // A promise of its own for each wait: one that all of them raced with would remember every chunk.
  let interrupt: (reason: unknown) => void = () => undefined;
  const onAbort = (): void => interrupt(signal.reason);
  const next = async (): Promise<IteratorResult<T, unknown>> => {
    const interrupted = Promise.withResolvers<never>();
    interrupt = interrupted.reject;
    return await Promise.race([iterator.next(), interrupted.promise]);
  };
  const close = async () => await iterator.return?.();

  signal.addEventListener('abort', onAbort);
  try {
    for (;;) {
      signal.throwIfAborted();
      const result = await next();
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Not waited for: a source that waits for something ends when that has come.
    close().catch(() => undefined);
  }
}
