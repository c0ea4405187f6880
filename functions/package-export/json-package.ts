import type { Manifest } from '../../shared/domain/manifest.ts';
import { packageManifest } from './package-manifest.ts';
import type { PackageSource } from './package-source.ts';
import { WarningList } from './warning-list.ts';

async function* documentText(source: PackageSource, manifest: Manifest): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`{"manifest":${JSON.stringify(manifest)},\n"data":{\n`);
  let separator = '';
  for (const section of source.sections) {
    yield Buffer.from(`${separator}${JSON.stringify(section.section)}:`);
    yield* source.interim.bytes(section);
    separator = ',';
    await source.pieceAdded();
  }
  yield Buffer.from('}}\n');
}

/**
 * A package as one JSON document: the manifest, then each section as it was collected. What the manifest tells is known
 * before the first byte is written, because the sections stay as they are; `content` fails with InterimCorrupted when
 * one did not.
 */
export const jsonPackage = (source: PackageSource) => {
  const entries = source.sections.map(({ section, bytes, sha256 }) => ({
    path: `/data/${section}`,
    bytes,
    sha256,
    mediaType: 'application/json',
  }));
  const manifest = packageManifest(source, { entries, omissions: [], warnings: new WarningList() });
  return { manifest, content: documentText(source, manifest) };
};
