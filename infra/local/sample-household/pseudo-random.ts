import { createHash } from 'node:crypto';

/** A reproducible source of choices. Not random enough for anything but sample records. */
export interface PseudoRandom {
  /** A whole number, both ends included. */
  integer(min: number, max: number): number;
  /** True with the given probability, 0 to 1. */
  chance(probability: number): boolean;
  /** One of the choices. Throws RangeError when there is none. */
  pick<T>(choices: readonly T[]): T;
}

/** sfc32, started from a digest of the subject: the same subject always gives the same sequence. */
const createSequence = (subject: string): (() => number) => {
  const digest = createHash('sha256').update(subject).digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let counter = digest.readInt32LE(12);
  return () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
};

/** Each subject has its own sequence, so that a change in one part of the household leaves the others as they were. */
export const createPseudoRandom = (subject: string): PseudoRandom => {
  const next = createSequence(subject);
  return {
    integer: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (probability) => next() < probability,
    pick: (choices) => {
      const index = Math.floor(next() * choices.length);
      for (const choice of choices.slice(index, index + 1)) return choice;
      throw new RangeError('There is nothing to pick from.');
    },
  };
};
