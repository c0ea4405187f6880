import { OMISSION_CODES, WARNING_CODES, type Warning } from '../../shared/domain/manifest.ts';
import { SECTIONS, type Section } from '../../shared/domain/sections.ts';

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

  inOrder(): Warning[] {
    return [...this.#warnings.values()].sort(inOrder);
  }
}
