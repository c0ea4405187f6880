import { createHash, type Hash } from 'node:crypto';
import { sectionsOf } from '../domain/export-request.ts';
import { SECTIONS, type Section } from '../domain/sections.ts';
import { corrupted } from './broken-package.ts';
import { LineSplitter } from './line-splitter.ts';
import { parseManifest } from './manifest-text.ts';
import type { PackageBytes } from './package-bytes.ts';
import { PackageContents } from './package-contents.ts';
import type { SectionText } from './section-text.ts';

const MANIFEST_LINE = { begins: '{"manifest":', ends: ',' } as const;
const DATA_LINE = '"data":{';
const LAST_LINE = '}}';

/** Where a section lies in the document, as a JSON Pointer. */
export const sectionPointer = (section: Section): string => `/data/${section}`;

const sectionBeginning = (section: Section, position: number): Buffer =>
  Buffer.from(`${position === 0 ? '' : ','}"${section}":`);

const broken = (fact: string): Error => corrupted('NOT_A_DOCUMENT', fact);

/** Measures a section's text, line by line. */
class Measured {
  readonly text: SectionText;
  readonly #hash: Hash = createHash('sha256');
  #bytes = 0;

  constructor(text: SectionText) {
    this.text = text;
  }

  line(line: Buffer): void {
    this.#hash.update(line).update('\n');
    this.#bytes += line.length + 1;
    this.text.line(line);
  }

  entry() {
    return { path: sectionPointer(this.text.section), bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}

class DocumentReading {
  readonly contents = new PackageContents();
  #awaits: 'manifest' | 'data' | 'sections' | 'nothing' = 'manifest';
  #sections: readonly Section[] = [];
  #current: Measured | undefined;

  get ended(): boolean {
    return this.#awaits === 'nothing';
  }

  line(line: Buffer): void {
    switch (this.#awaits) {
      case 'manifest': {
        this.#readManifest(line.toString('utf8'));
        return;
      }
      case 'data':
        if (line.toString('latin1') !== DATA_LINE) throw broken('The sections do not follow the manifest.');
        this.#awaits = 'sections';
        return;
      case 'sections': {
        this.#readSections(line);
        return;
      }
      case 'nothing':
        throw broken('The document goes on behind its end.');
    }
  }

  #readManifest(line: string): void {
    const { begins, ends } = MANIFEST_LINE;
    if (!line.startsWith(begins) || !line.endsWith(ends)) {
      throw broken('The document does not begin with its manifest.');
    }
    this.contents.manifestText = line.slice(begins.length, -ends.length);
    const wanted = sectionsOf(parseManifest(this.contents.manifestText, 'json'));
    this.#sections = SECTIONS.filter((section) => wanted.includes(section));
    this.#awaits = 'data';
  }

  #readSections(line: Buffer): void {
    if (this.#current === undefined) this.#beginSection(line);
    else this.#current.line(line);
    if (this.#current?.text.ended === true) {
      this.contents.entries.push(this.#current.entry());
      this.#current = undefined;
    }
  }

  #beginSection(line: Buffer): void {
    const position = this.contents.entries.length;
    const section = this.#sections[position];
    if (section === undefined) {
      if (line.toString('latin1') !== LAST_LINE) throw broken('The document has more than its sections.');
      this.#awaits = 'nothing';
      return;
    }
    const beginning = sectionBeginning(section, position);
    if (!line.subarray(0, beginning.length).equals(beginning)) {
      throw broken(`The section ${section} does not begin where it must.`);
    }
    this.#current = new Measured(this.contents.beginSection(section, { withFiles: false }));
    this.#current.line(line.subarray(beginning.length));
  }
}

/**
 * Reads a JSON package from its first byte to its last, once.
 * @throws PackageCorrupted when a line is not one that may come where it comes
 */
export const readJsonPackage = async (bytes: PackageBytes): Promise<PackageContents> => {
  const reading = new DocumentReading();
  const lines = new LineSplitter((line) => reading.line(line));
  for await (const chunk of bytes.chunks(0, bytes.size)) lines.push(chunk);
  if (!reading.ended || !lines.atLineStart) throw broken('The document is cut short.');
  return reading.contents;
};
