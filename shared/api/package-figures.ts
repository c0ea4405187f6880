import * as z from 'zod/mini';
import { documentation } from './documentation.ts';
import { choice, count, orNull, sha256, text } from './values.ts';

/** What replies and events tell of a finished package. */

export const packageHash = {
  sha256: orNull(sha256('SHA-256 of the whole package, in hex.'), 'Null when none is known.'),
  sha256Omitted: orNull(text('Why a finished package has no `sha256`, in a sentence.')),
  crc64nvme: orNull(
    text('CRC-64/NVME of the whole package, in base64: tells of damage, not of forgery.'),
    'Null where the storage has none.',
  ),
};

export const sectionCounts = z
  .object({
    expected: count('Records that were read.'),
    included: count('Records in the package, with the bytes of their file where they have one.'),
    omitted: count('Records whose file is missing in the package.'),
  })
  .register(documentation, { id: 'SectionCounts', description: 'What a package holds of a section.' });

export const packageWarning = z
  .object({
    code: text('What to know, such as MISSING_OBJECT or DANGLING_REFERENCE; stable for programs.'),
    count: count('How often.'),
  })
  .register(documentation, { id: 'PackageWarning', description: 'What a reader of a package should know.' });

export const completeness = () =>
  choice(['complete', 'partial'], 'Whether nothing is missing; `warnings` tell what is.');
