import type { Manifest } from '../../../shared/domain/manifest.ts';
import { STATEMENT_PATH, type Content } from '../built-package.ts';

/** Changes to a package's contents, and to its manifest, from which spoilt packages are made. */
type ContentsChange = (contents: Content[]) => Content[];
type ManifestChange = (manifest: Manifest) => Manifest;

export const edited =
  (path: string, from: string | RegExp, to: string): ContentsChange =>
  (contents) =>
    contents.map((content) => {
      if (content.path !== path) return content;
      const text = content.text.replace(from, to);
      if (text === content.text) throw new Error(`There is nothing to edit in ${path}.`);
      return { path, text };
    });

export const without =
  (path: string): ContentsChange =>
  (contents) =>
    contents.filter((content) => content.path !== path);

export const renamed =
  (from: string, to: string): ContentsChange =>
  (contents) =>
    contents.map((content) => (content.path === from ? { ...content, path: to } : content));

export const swapped =
  (a: string, b: string): ContentsChange =>
  (contents) => {
    const textOf = (path: string) => contents.find((content) => content.path === path)?.text ?? '';
    const other = (path: string) => (path === a ? b : path === b ? a : path);
    return contents.map(({ path }) => ({ path, text: textOf(other(path)) }));
  };

export const added =
  (path: string, text: string): ContentsChange =>
  (contents) => [{ path, text }, ...contents];

export const stating =
  (change: object): ManifestChange =>
  (manifest) => ({ ...manifest, ...change });

export const firstTotal =
  (change: object): ManifestChange =>
  (manifest) => ({
    ...manifest,
    controlTotals: manifest.controlTotals.map((total, at) => (at === 0 ? { ...total, ...change } : total)),
  });

export const counting =
  (
    section: 'accounts' | 'transactionFiles',
    expected: number,
    included: number,
    omitted: number,
  ): ManifestChange =>
  (manifest) => ({
    ...manifest,
    counts: { ...manifest.counts, [section]: { expected, included, omitted } },
    dataSummary: { ...manifest.dataSummary, [`${section}Count`]: expected },
  });

/** Another hash for the statement file, wherever the manifest states it. */
export const rehashed: ManifestChange = (manifest) => {
  const sha256 = '0'.repeat(64);
  const entries = manifest.entries.map((entry) =>
    entry.path === STATEMENT_PATH ? { ...entry, sha256 } : entry,
  );
  return { ...manifest, entries, checksums: { ...manifest.checksums, [STATEMENT_PATH]: `sha256:${sha256}` } };
};

export const everyOmission =
  (change: object): ManifestChange =>
  (manifest) => ({
    ...manifest,
    omissions: manifest.omissions.map((omission) => ({ ...omission, ...change })),
  });

/** The manifest of an export with these filters, whatever it holds. */
export const filteredBy =
  (filters: object): ManifestChange =>
  (manifest) => ({
    ...manifest,
    exportType: 'selective',
    parameters: { ...manifest.parameters, exportType: 'selective', ...filters },
    filters,
  });
