import { SECTIONS, type Section } from '../domain/sections.ts';
import type { SectionCollected } from '../workflow/contracts.ts';

/** A section as the collectors left it: in one part, or in several that follow each other. */
export interface CollectedSection {
  readonly section: Section;
  readonly count: number;
  /** Of the text of all parts together. */
  readonly bytes: number;
  readonly parts: readonly SectionCollected[];
}

/** What stands around the records of a section that has some. */
export const SECTION_FRAME = { begins: '[\n', separates: ',\n', ends: '\n]\n', empty: '[]\n' } as const;

const joinedBytes = (parts: readonly SectionCollected[]): number => {
  const filled = parts.filter(({ count }) => count > 0);
  if (filled.length === 0) return SECTION_FRAME.empty.length;
  const frame = SECTION_FRAME.begins.length + SECTION_FRAME.ends.length;
  const separators = SECTION_FRAME.separates.length * (filled.length - 1);
  return filled.reduce((sum, { bytes }) => sum + bytes - frame, frame + separators);
};

const sectionOf = (section: Section, parts: readonly SectionCollected[]): CollectedSection => ({
  section,
  count: parts.reduce((sum, { count }) => sum + count, 0),
  bytes: joinedBytes(parts),
  parts,
});

/** Sections in the package's order; the parts of one stay in the order in which they came. */
export const inPackageOrder = (collected: readonly SectionCollected[]): CollectedSection[] => {
  const bySection = Map.groupBy(collected, ({ section }) => section);
  return SECTIONS.flatMap((section) => {
    const parts = bySection.get(section);
    return parts === undefined ? [] : [sectionOf(section, parts)];
  });
};

export const sectionNamed = (
  sections: readonly CollectedSection[],
  name: Section,
): CollectedSection | undefined => sections.find(({ section }) => section === name);
