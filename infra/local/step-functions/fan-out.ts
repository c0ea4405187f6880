import type { MapState, ParallelState, StateSequence } from './asl-schema.ts';
import type { ExecutionThread } from './execution-thread.ts';
import { valueAtPath } from './json-path.ts';
import { isJsonArray, type JsonObject } from './json-value.ts';
import { fillTemplate } from './payload-template.ts';
import { runtimeFailure } from './state-failure.ts';
import type { RunSequence } from './state-runner.ts';

// What AWS allows at most for an inline Map, and what it does when MaxConcurrency is 0 or absent.
const INLINE_MAP_CONCURRENCY = 40;

interface Lines {
  readonly count: number;
  readonly concurrency: number;
  readonly run: (index: number, child: ExecutionThread) => Promise<unknown>;
}

/** Runs the lines side by side. When one fails its siblings are ended at once and the failure is thrown. */
const runLines = async (thread: ExecutionThread, { count, concurrency, run }: Lines): Promise<unknown[]> => {
  const results = new Array<unknown>(count);
  let next = 0;
  const takeLines = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      const child = thread.fork();
      try {
        results[index] = await run(index, child);
        thread.join(child);
      } catch (error) {
        if (next !== Infinity) thread.joinFailed(child);
        next = Infinity;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, concurrency) }, takeLines));
  return results;
};

/** Runs all branches of a Parallel on the same input and gives their results in the order of the branches. */
export const runParallel = async (
  { Branches }: ParallelState,
  input: unknown,
  thread: ExecutionThread,
  runSequence: RunSequence,
): Promise<unknown> => {
  thread.record('ParallelStateStarted');
  const run = async (index: number, child: ExecutionThread) => {
    const branch = Branches[index];
    if (branch === undefined) throw new RangeError(`There is no branch ${index}.`);
    return runSequence(branch, input, child, {});
  };
  try {
    const results = await runLines(thread, { count: Branches.length, concurrency: Branches.length, run });
    thread.record('ParallelStateSucceeded');
    return results;
  } catch (error) {
    thread.record('ParallelStateFailed');
    throw error;
  }
};

const itemsOf = ({ ItemsPath }: MapState, input: unknown, context: JsonObject): readonly unknown[] => {
  const items = valueAtPath(ItemsPath ?? '$', { data: input, context }, 'ItemsPath');
  if (isJsonArray(items)) return items;
  throw runtimeFailure(`Reference path "${ItemsPath ?? '$'}" must point to array.`);
};

const runIteration = async (
  processor: StateSequence,
  input: unknown,
  child: ExecutionThread,
  { place, mapContext, runSequence }: { place: JsonObject; mapContext: JsonObject; runSequence: RunSequence },
): Promise<unknown> => {
  child.record('MapIterationStarted', { mapIterationStartedEventDetails: place });
  child.enter({ type: 'MapIterationAborted', details: { mapIterationAbortedEventDetails: place } });
  try {
    const result = await runSequence(processor, input, child, mapContext);
    child.record('MapIterationSucceeded', { mapIterationSucceededEventDetails: place });
    return result;
  } catch (error) {
    child.record('MapIterationFailed', { mapIterationFailedEventDetails: place });
    throw error;
  }
};

export interface MapSurroundings {
  readonly name: string;
  readonly context: JsonObject;
  readonly runSequence: RunSequence;
}

/** Runs the iteration of a Map on every item, at most MaxConcurrency at a time, and gives the results in the order of the items. */
export const runMap = async (
  state: MapState,
  input: unknown,
  thread: ExecutionThread,
  { name, context, runSequence }: MapSurroundings,
): Promise<unknown> => {
  const items = itemsOf(state, input, context);
  thread.record('MapStateStarted', { mapStateStartedEventDetails: { length: items.length } });
  const run = async (index: number, child: ExecutionThread) => {
    const mapContext = { Map: { Item: { Index: index, Value: items[index] } } };
    const scope = { data: input, context: { ...context, ...mapContext } };
    const item = state.ItemSelector === undefined ? items[index] : fillTemplate(state.ItemSelector, scope);
    return runIteration(state.ItemProcessor, item, child, {
      place: { name, index },
      mapContext,
      runSequence,
    });
  };
  const concurrency = Math.min(state.MaxConcurrency || INLINE_MAP_CONCURRENCY, INLINE_MAP_CONCURRENCY);
  try {
    const results = await runLines(thread, { count: items.length, concurrency, run });
    thread.record('MapStateSucceeded');
    return results;
  } catch (error) {
    thread.record('MapStateFailed');
    throw error;
  }
};
