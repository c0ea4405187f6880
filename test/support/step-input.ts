import { calledStep } from '../../shared/lambda/step-trace.ts';

/** What the workflow gives a step to do, without what it says for the log. */
export const stepInput = (payload: unknown): unknown => calledStep(payload).input;

/** The export that a payload of the workflow, or an event about its execution, is about. */
export const exportOfPayload = (payload: unknown): string => String(calledStep(payload).trace['exportId']);
