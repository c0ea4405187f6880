import * as z from 'zod/mini';
import { SECTIONS, type Section } from './sections.ts';

export const sectionProgress = z.object({
  /** Records read so far. */
  count: z.number(),
  /** Bytes of JSON written so far. */
  bytes: z.number(),
  done: z.boolean(),
});
export type SectionProgress = z.infer<typeof sectionProgress>;

/** One of the parts that a section is collected in. */
export interface SectionPart {
  readonly index: number;
  /** How many there are. */
  readonly of: number;
}

/**
 * The name under which a job keeps how far a section is, or one part of it: parts report at the same time, and each
 * overwrites only what was its own. It says of how many, because a run that begins anew may be cut otherwise.
 */
export const progressName = (section: Section, part?: SectionPart): string =>
  part === undefined || part.of === 1 ? section : `${section}_${part.index}of${part.of}`;

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const together = (parts: readonly SectionProgress[], of: number): SectionProgress => ({
  count: sum(parts.map(({ count }) => count)),
  bytes: sum(parts.map(({ bytes }) => bytes)),
  done: parts.filter(({ done }) => done).length === of,
});

const byAdvance = (a: SectionProgress, b: SectionProgress): number =>
  Number(a.done) - Number(b.done) || a.count - b.count;

/** How far each section is that anything was told of, in the order of the package; all of its parts together. */
export const progressBySection = (
  stored: Readonly<Record<string, SectionProgress>>,
): Partial<Record<Section, SectionProgress>> => {
  const cuts = Map.groupBy(Object.entries(stored), ([name]) => name.replace(/_\d+of/, '_'));
  const told = [...cuts].map(([cut, parts]) => {
    const [section, of = '1'] = cut.split('_');
    const progress = together(
      parts.map(([, part]) => part),
      Number(of),
    );
    return { section, progress };
  });
  const furthest = SECTIONS.map((section) => {
    const ofSection = told.filter((one) => one.section === section).map(({ progress }) => progress);
    return [section, ofSection.toSorted(byAdvance).at(-1)] as const;
  });
  return Object.fromEntries(
    furthest.flatMap(([section, progress]) => (progress ? [[section, progress]] : [])),
  );
};
