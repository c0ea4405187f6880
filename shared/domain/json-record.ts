/** A record as the package writes it, parsed; any attribute may be missing or of another type. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** Whether a parsed value is a JSON object. */
export const isJsonRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
