import { createHash } from 'node:crypto';
import type { ExportFormat } from './export-request.ts';
import { FILES_FOLDER } from './package-paths.ts';
import type { Section } from './sections.ts';

export * from './package-paths.ts';

/**
 * Every name under which this service stores or packs something, in one place.
 *
 * In the bucket: `interim/{user}/{exportId}/…` and `packages/{user}/{exportId}/…`, so that lifecycle rules and
 * permissions can tell them apart. Each attempt of a step writes under a name of its own: a retry and a late first
 * attempt can never overwrite each other.
 */
export const INTERIM_PREFIX = 'interim/';
export const PACKAGES_PREFIX = 'packages/';

/** One path segment for any user id: `..` and `/` cannot leave it. */
const userSegment = (userId: string): string => encodeURIComponent(userId).replaceAll('.', '%2E');

export const interimPrefix = (userId: string, exportId: string): string =>
  `${INTERIM_PREFIX}${userSegment(userId)}/${exportId}/`;

export const packagePrefix = (userId: string, exportId: string): string =>
  `${PACKAGES_PREFIX}${userSegment(userId)}/${exportId}/`;

export const sectionKey = (run: ExportIdentity, section: Section, attemptId: string): string =>
  `${interimPrefix(run.userId, run.exportId)}${section}/${attemptId}.json`;

/** What a collector tallied over the records it wrote under the same attempt. */
export const tallyKey = (run: ExportIdentity, section: Section, attemptId: string): string =>
  `${interimPrefix(run.userId, run.exportId)}${section}/${attemptId}.tally.json`;

/** How the export is packed. */
export const planKey = (run: ExportIdentity, attemptId: string): string =>
  `${interimPrefix(run.userId, run.exportId)}plan/${attemptId}.json`;

/** A segment of the package, a ZIP of its own; the number of the segment orders it. */
export const segmentKey = (run: ExportIdentity, segment: number, attemptId: string): string =>
  `${interimPrefix(run.userId, run.exportId)}segments/${segment}/${attemptId}.zip`;

/** What a segment's packer has to tell about it. */
export const segmentReportKey = (run: ExportIdentity, segment: number, attemptId: string): string =>
  `${interimPrefix(run.userId, run.exportId)}segments/${segment}/${attemptId}.json`;

/** What a verifier knew when it left off. */
export const checkpointKey = (run: ExportIdentity, attemptId: string): string =>
  `${interimPrefix(run.userId, run.exportId)}verification/${attemptId}.json`;

export const packageKey = (run: ExportIdentity, attemptId: string, format: ExportFormat): string =>
  `${packagePrefix(run.userId, run.exportId)}${attemptId}.${format}`;

const EXPORT_PREFIX = /^(?:interim|packages)\/[^/]+\/([^/]+)\//;

/** Which export a stored object belongs to by its key, and the prefix it shares with that export's others of its kind. */
export const exportOfKey = (key: string): { exportId: string; prefix: string } | undefined => {
  const [prefix, exportId] = EXPORT_PREFIX.exec(key) ?? [];
  return prefix === undefined || exportId === undefined ? undefined : { exportId, prefix };
};

export interface ExportIdentity {
  readonly userId: string;
  readonly exportId: string;
}

/** The name under which a browser saves the package. */
export const downloadName = (requestedAt: number, format: ExportFormat): string =>
  `household-export-${new Date(requestedAt).toISOString().slice(0, 10)}.${format}`;

/**
 * Windows takes 260 characters for a whole path, folders of the user's own included; the strictest file system in use takes
 * 143 bytes for a name (eCryptfs, of encrypted home folders). macOS stores a name decomposed, which makes it longer.
 */
const NAME_LIMIT_BYTES = 140;
/**
 * What Windows, macOS and Linux cannot all store (controls, what is no character, what Windows has uses for), and what
 * hides the true name from a reader (bidirectional marks, invisible characters). Of the invisible ones two stay, because
 * words of some scripts and many emoji are joined by them.
 */
const UNSAFE_CHARACTERS = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cn}\p{Zl}\p{Zp}<>:"/\\|?*]/gu;
const RESERVED_ON_WINDOWS = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:[ .]|$)/i;

const truncateUtf8 = (text: string, bytes: number): string => {
  let result = '';
  let left = bytes;
  for (const character of text) {
    left -= Buffer.byteLength(character);
    if (left < 0) break;
    result += character;
  }
  return result;
};

/** Shortens a name to what every file system takes, and keeps its extension. */
const shorten = (name: string): string => {
  if (Buffer.byteLength(name) <= NAME_LIMIT_BYTES) return name;
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - extension.length);
  return truncateUtf8(stem, NAME_LIMIT_BYTES - extension.length) + extension;
};

/** A file name that every common file system and ZIP reader takes, as close to the given one as that allows. */
export const safeFileName = (fileName: string): string => {
  const readable = fileName.toWellFormed().normalize('NFC').replace(UNSAFE_CHARACTERS, '_');
  const storable = RESERVED_ON_WINDOWS.test(readable) ? `_${readable}` : readable;
  const trimmed = shorten(storable).replace(/^ +|[ .]+$/gu, '_');
  return trimmed === '' ? 'unnamed' : trimmed;
};

/** As long as a UUID at the most, and never like a digest that stands for another id. */
const PLAIN_ID = /^(?!id-)[a-z0-9](?:[a-z0-9-]{0,34}[a-z0-9])?$/;

/**
 * A folder for each file record. Ids as the application makes them stand as they are; any other gets a digest, so that
 * two records never share a folder, not even without regard to case and Unicode form.
 */
const fileFolder = (fileId: string): string =>
  PLAIN_ID.test(fileId) && !RESERVED_ON_WINDOWS.test(fileId)
    ? fileId
    : `id-${createHash('sha256').update(fileId).digest('hex').slice(0, 32)}`;

/** Where a statement file's bytes lie in the package: at most 183 bytes, whatever the id and the name. */
export const filePath = (fileId: string, fileName: string): string =>
  `${FILES_FOLDER}${fileFolder(fileId)}/${safeFileName(fileName)}`;
