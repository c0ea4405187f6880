import type * as z from 'zod/mini';
import type { ExportFormat } from '../domain/export-request.ts';
import { manifest, type Manifest } from '../domain/manifest.ts';
import { corrupted } from './broken-package.ts';

/** The manifest's only way to be written: in a ZIP to be read by people, in a JSON package on one line. */
const written = (value: unknown, format: ExportFormat): string =>
  format === 'zip' ? `${JSON.stringify(value, null, 2)}\n` : JSON.stringify(value);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw corrupted('MANIFEST_UNREADABLE', 'The manifest is missing or is no JSON.');
  }
};

const fieldOf = ({ issues: [issue] }: z.core.$ZodError): string => {
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  return [...(issue?.path ?? []), ...unknown].join('.');
};

/** @throws PackageCorrupted when it is no manifest of this format version, or written in another way */
export const parseManifest = (text: string, format: ExportFormat): Manifest => {
  const value = parsed(text);
  const result = manifest.safeParse(value);
  if (!result.success) {
    const field = fieldOf(result.error);
    throw corrupted('MANIFEST_UNREADABLE', `The manifest's field "${field}" is not what it must be.`);
  }
  // A key that stands twice, or a number with more digits than it has, would read differently elsewhere.
  if (written(value, format) !== text) {
    throw corrupted('MANIFEST_UNREADABLE', 'The manifest is not written as this service writes it.');
  }
  return result.data;
};
