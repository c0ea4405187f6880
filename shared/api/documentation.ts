import * as z from 'zod/mini';

/** What the API's documents say of a schema besides its shape. */
interface Documented {
  /** The name of its component; a schema without one stands where it is used. */
  readonly id?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
}

/** What is told of the schemas of replies and events. */
export const documentation = z.registry<Documented>();
