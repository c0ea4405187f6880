import { createHash } from 'node:crypto';

const SHARDS = 8;

/** The partitions of DueIndex: a few, so that no single one takes all writes. */
export const DUE_SHARDS: readonly string[] = Array.from({ length: SHARDS }, (_, shard) => `due#${shard}`);

/** The partition of DueIndex that a row stands in while it is due. */
export const dueShard = (key: string): string =>
  `due#${createHash('sha256').update(key).digest().readUInt8(0) % SHARDS}`;
