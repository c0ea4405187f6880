import type { LoadScenario } from './load-scenario.ts';
import { burst } from './scenarios/burst.ts';
import { crowd } from './scenarios/crowd.ts';
import { kill } from './scenarios/kill.ts';
import { polling } from './scenarios/polling.ts';

/** Those that run unless others are asked for, in this order. */
export const USUAL_SCENARIOS: readonly LoadScenario[] = [crowd, burst, polling];
export const LOAD_SCENARIOS: readonly LoadScenario[] = [...USUAL_SCENARIOS, kill];
