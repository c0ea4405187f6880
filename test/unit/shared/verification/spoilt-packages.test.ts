import { describe, expect, it } from '@jest/globals';
import { verifyPackage } from '../../../../shared/verification/verify-package.ts';
import { builtJson, builtZip, sourceOf, zipOf } from '../../../support/built-package.ts';
import { CONTRADICTIONS } from '../../../support/spoilt-packages/contradictions.ts';
import { verifiedInParts } from '../../../support/verified-in-parts.ts';
import { DAMAGED_BYTES } from '../../../support/spoilt-packages/damaged-bytes.ts';
import { FLIPPED_BITS } from '../../../support/spoilt-packages/flipped-bits.ts';
import { corrupted, type Verdict } from '../../../support/spoilt-packages/verdicts.ts';
import { WRONG_DOCUMENTS } from '../../../support/spoilt-packages/wrong-documents.ts';
import { WRONGLY_MADE } from '../../../support/spoilt-packages/wrongly-made.ts';
import { withFlippedBit } from '../../../support/zip-regions.ts';

interface SpoiltPackage {
  readonly kind: string;
  readonly build: () => Buffer | Promise<Buffer>;
  readonly verdict: Verdict;
  readonly format: 'zip' | 'json';
}

const SPOILT_PACKAGES: readonly SpoiltPackage[] = [
  ...FLIPPED_BITS.map(({ at, ...spoilt }) => ({
    ...spoilt,
    format: 'zip' as const,
    build: async () => {
      const zip = await builtZip();
      return withFlippedBit(zip, at(zip));
    },
  })),
  ...DAMAGED_BYTES.map(({ damage, ...spoilt }) => ({
    ...spoilt,
    format: 'zip' as const,
    build: async () => damage(await builtZip()),
  })),
  ...[...WRONGLY_MADE, ...CONTRADICTIONS].map(({ spoiling, ...spoilt }) => ({
    ...spoilt,
    format: 'zip' as const,
    build: () => builtZip(spoiling),
  })),
  ...WRONG_DOCUMENTS.map((spoilt) => ({ ...spoilt, format: 'json' as const })),
];

const refusal = async (verification: Promise<unknown>) => {
  try {
    await verification;
  } catch (error) {
    const { name, reason, message } = error as { name: string; reason?: string; message: string };
    return { name, reason, message };
  }
  return { name: 'verified', reason: undefined, message: '' };
};

/** Read in one go, and with a call for each entry, which must not make a difference. */
const verdictOn = async (bytes: Buffer, format: 'zip' | 'json'): Promise<unknown> => {
  const { name, reason, message } = await refusal(verifyPackage(sourceOf(bytes), { format }));
  // A plain sentence, without what only the user should read.
  expect(message).toMatch(/^[/A-Za-z][^\n]*\.$/);
  expect(message).not.toMatch(/may\.csv|12\.5|Bakery|Current/);
  const inParts = await refusal(verifiedInParts(sourceOf(bytes), { format, budgetBytes: 0 }));
  expect(inParts).toEqual({ name, reason, message });
  return [name, reason];
};

describe('a spoilt package', () => {
  it.each(SPOILT_PACKAGES)('is refused as $format: $kind', async ({ build, verdict, format }) => {
    expect(await verdictOn(await build(), format)).toEqual(verdict);
  });

  it('is refused in the wrong format', async () => {
    expect(await verdictOn(builtJson(), 'zip')).toEqual(corrupted('NOT_A_ZIP'));
    expect(await verdictOn(await builtZip(), 'json')).toEqual(corrupted('NOT_A_DOCUMENT'));
  });

  it('is refused when it is a ZIP of something else', async () => {
    const zip = await zipOf([{ path: 'holiday.txt', text: 'sun' }]);
    expect(await verdictOn(zip, 'zip')).toEqual(corrupted('MANIFEST_UNREADABLE'));
  });
});
