import * as z from 'zod/mini';
import { omission, packageEntry, warning } from '../domain/manifest.ts';

const packedFile = z.object({
  fileId: z.string(),
  /** Where the file's bytes are in the package, or why they are not. */
  outcome: z.union([packageEntry, omission]),
});
export type PackedFile = z.infer<typeof packedFile>;

/** What packing a segment has shown. */
export const segmentReport = z.object({
  /** In the order of packing. */
  entries: z.array(packageEntry),
  /** In the order of the file records. */
  files: z.array(packedFile),
  warnings: z.array(warning),
});
export type SegmentReport = z.infer<typeof segmentReport>;
