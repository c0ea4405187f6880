import { createHash } from 'node:crypto';
import type { Manifest, PackageEntry } from '../../shared/domain/manifest.ts';
import type { CollectedSection } from '../../shared/packaging/collected-section.ts';
import { packageManifest, type PackageTold } from '../../shared/packaging/package-manifest.ts';
import type { PackageSource } from '../../shared/packaging/package-source.ts';
import { WarningList } from '../../shared/packaging/warning-list.ts';

type PieceAdded = () => Promise<void>;

async function* documentText(
  { sections, interim }: PackageSource,
  manifest: Manifest,
  pieceAdded: PieceAdded,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`{"manifest":${JSON.stringify(manifest)},\n"data":{\n`);
  let separator = '';
  for (const section of sections) {
    yield Buffer.from(`${separator}${JSON.stringify(section.section)}:`);
    yield* interim.bytes(section);
    separator = ',';
    await pieceAdded();
  }
  yield Buffer.from('}}\n');
}

/** Known from its collector where one collector wrote it all; otherwise the section is read for it. */
const sha256Of = async ({ interim }: PackageSource, section: CollectedSection): Promise<string> => {
  const [only, ...others] = section.parts;
  if (only !== undefined && others.length === 0) return only.sha256;
  const hash = createHash('sha256');
  for await (const chunk of interim.bytes(section)) hash.update(chunk);
  return hash.digest('hex');
};

/**
 * A package as one JSON document: the manifest, then each section as it was collected. What the manifest tells is known
 * before the first byte is written, because the sections stay as they are; `content` fails with InterimCorrupted when
 * one did not.
 */
export const jsonPackage = async (told: PackageTold, pieceAdded: PieceAdded) => {
  const { source } = told;
  const entries: PackageEntry[] = [];
  for (const section of source.sections) {
    const { section: name, bytes } = section;
    const sha256 = await sha256Of(source, section);
    entries.push({ path: `/data/${name}`, bytes, sha256, mediaType: 'application/json' });
  }
  const manifest = packageManifest(told, { entries, omissions: [], warnings: new WarningList() });
  return { manifest, content: documentText(source, manifest, pieceAdded) };
};
