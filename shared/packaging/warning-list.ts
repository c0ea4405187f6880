import { OMISSION_CODES, WARNING_CODES, type Warning } from '../domain/manifest.ts';
import { SECTIONS, type Section } from '../domain/sections.ts';

const MOST_EXAMPLES = 20;

type Code = Warning['code'];
type Example = Warning['examples'][number];

const CODES: readonly Code[] = [...WARNING_CODES, ...OMISSION_CODES];

const inOrder = (a: Warning, b: Warning): number =>
  CODES.indexOf(a.code) - CODES.indexOf(b.code) || SECTIONS.indexOf(a.section) - SECTIONS.indexOf(b.section);

/** Counts what a reader should know, by code and section, and keeps the first few of each as examples. */
export class WarningList {
  readonly #warnings = new Map<string, Warning>();

  /** `times` when one example stands for several. */
  add(code: Code, section: Section, example: Example, times = 1): void {
    const key = `${code} ${section}`;
    const warning = this.#warnings.get(key) ?? { code, section, count: 0, examples: [] };
    warning.count += times;
    if (warning.examples.length < MOST_EXAMPLES) warning.examples.push(example);
    this.#warnings.set(key, warning);
  }

  /** What another list has noted after this one. */
  addAll(warnings: readonly Warning[]): void {
    for (const { code, section, count, examples } of warnings) {
      const [first, ...others] = examples;
      if (first === undefined) continue;
      this.add(code, section, first, count - others.length);
      for (const example of others) this.add(code, section, example);
    }
  }

  inOrder(): Warning[] {
    return [...this.#warnings.values()].sort(inOrder);
  }
}
