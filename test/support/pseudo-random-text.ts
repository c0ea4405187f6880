import { createCipheriv } from 'node:crypto';

/** Text that cannot be packed much, the same for the same seed. */
export const pseudoRandomText = (length: number, seed: number): string => {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  return cipher
    .update(Buffer.alloc(Math.ceil((length * 3) / 4)))
    .toString('base64')
    .slice(0, length);
};
