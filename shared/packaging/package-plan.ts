import * as z from 'zod/mini';
import { SECTIONS } from '../domain/sections.ts';
import { sectionCollected } from '../workflow/contracts.ts';

/** The sections that are written as tables too, where that is asked for. */
export const TABLES = ['accounts', 'transactions'] as const;
export type TableName = (typeof TABLES)[number];

/** File records that follow each other, by where their lines lie in the collected section. */
const fileRange = z.object({
  records: z.number(),
  /** Bytes from the beginning of the section's text. */
  start: z.number(),
  /** Exclusive. */
  end: z.number(),
  /** Hex, of the bytes between. */
  sha256: z.string(),
});
export type FileRange = z.infer<typeof fileRange>;

/** A part of the package that one function packs: sections, then tables, then the files of some records. */
const plannedSegment = z.object({
  sections: z.array(z.enum(SECTIONS)),
  tables: z.array(z.enum(TABLES)),
  files: z.optional(fileRange),
});
export type PlannedSegment = z.infer<typeof plannedSegment>;

/** How an export is packed. The segments' entries, one segment after another, are the package's, but for its last few. */
export const packagePlan = z.object({
  collected: z.array(sectionCollected),
  segments: z.array(plannedSegment),
});
export type PackagePlan = z.infer<typeof packagePlan>;

/** Entries of the package that a segment makes, or leaves out for a reason. */
export const entriesOf = ({ sections, tables, files }: PlannedSegment): number =>
  sections.length + tables.length + (files?.records ?? 0);
