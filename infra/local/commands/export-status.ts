import * as z from 'zod/mini';
import { EXPORT_FORMATS } from '../../../shared/domain/export-request.ts';
import { SECTIONS, type Section } from '../../../shared/domain/sections.ts';

/** What the commands read of `GET /export/{exportId}/status`; a later service may say more. */
export const exportStatus = z.object({
  exportId: z.string(),
  status: z.string(),
  progress: z.number(),
  currentPhase: z.nullable(z.string()),
  error: z.nullable(z.string()),
  exportFormat: z.enum(EXPORT_FORMATS),
  packageSize: z.nullable(z.number()),
  sha256: z.nullable(z.string()),
  sections: z.record(z.string(), z.object({ count: z.number(), done: z.boolean() })),
});
export type ExportStatus = z.infer<typeof exportStatus>;

/** Sections as a person calls them. */
export const SECTION_LABELS: Readonly<Record<Section, string>> = {
  accounts: 'accounts',
  transactions: 'transactions',
  categories: 'categories',
  fileMaps: 'file maps',
  transactionFiles: 'statement files',
  analytics: 'analytics',
};

/** What is told of each section that a record speaks of, in the order of the package. */
export const bySection = <T>(record: Readonly<Record<string, T>>): [label: string, told: T][] =>
  SECTIONS.flatMap((section) => {
    const told = record[section];
    return told === undefined ? [] : [[SECTION_LABELS[section], told]];
  });
