import * as z from 'zod/mini';

/** An event as EventBridge hands it to a target, with the bus it came over and the rules that matched it. */
export const deliveredEventSchema = z.strictObject({
  version: z.literal('0'),
  id: z.string(),
  'detail-type': z.string(),
  source: z.string(),
  account: z.string(),
  /** ISO time to the second, as on AWS. */
  time: z.string(),
  region: z.string(),
  resources: z.array(z.string()),
  detail: z.record(z.string(), z.unknown()),
  eventBusName: z.string(),
  matchedRules: z.array(z.string()),
});

export type DeliveredEvent = z.infer<typeof deliveredEventSchema>;

/** What a target gets: the event without the notes of the local log. */
export type EventBridgeEvent = Omit<DeliveredEvent, 'eventBusName' | 'matchedRules'>;
