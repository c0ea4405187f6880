import type { RandomAccessSource } from '../../shared/verification/random-access-source.ts';
import {
  verificationState,
  verifyPart,
  type PartOptions,
  type VerificationState,
} from '../../shared/verification/verify-part.ts';

/** A verification in as many calls as it takes; what one tells the next passes through text, as in the workflow. */
export const verifiedInParts = async (
  source: RandomAccessSource,
  options: Omit<PartOptions, 'state' | 'largestHashedBytes'> & Partial<PartOptions>,
) => {
  const states: VerificationState[] = [];
  for (;;) {
    const part = await verifyPart(source, { largestHashedBytes: Infinity, state: states.at(-1), ...options });
    if (part.done) return { ...part.verified, sha256: part.sha256, states };
    states.push(verificationState.parse(JSON.parse(JSON.stringify(part.state))));
  }
};
