import { generateSampleHousehold } from '../../infra/local/sample-household/sample-household.ts';
import { seedSampleHousehold } from '../../infra/local/sample-household/seed-sample-household.ts';
import type { LocalSystem } from '../../infra/local/local-system.ts';
import { distinctBytes } from './s3-under-test.ts';

/** So large, and so hard to pack, that it is uploaded and joined in several parts. */
const LARGE_FILE_BYTES = 12 * 1024 * 1024;

const largeFile = (userId: string) => {
  const s3Key = `${userId}/large-file/contracts.pdf`;
  const record = {
    userId: { S: userId },
    // The table's key has no user, and other files' ids come before and behind.
    fileId: { S: `8-${userId}` },
    fileName: { S: 'contracts.pdf' },
    s3Key: { S: s3Key },
    fileSize: { N: String(LARGE_FILE_BYTES) },
    transactionCount: { N: '0' },
  };
  return {
    record,
    object: { s3Key, contentType: 'application/pdf', bytes: distinctBytes(LARGE_FILE_BYTES) },
  };
};

/** Writes these users of the sample household, and among the files of each one that takes a multipart upload. */
export const seedLargeSampleHousehold = async (
  { clients, settings }: LocalSystem,
  users: readonly string[],
): Promise<void> => {
  const { items, files } = await generateSampleHousehold();
  const large = users.map(largeFile);
  const theirs = Object.entries(items).map(([table, records]) => [
    table,
    records.filter(({ userId }) => users.includes(userId?.S ?? '')),
  ]);
  const records = Object.fromEntries(theirs) as typeof items;
  await seedSampleHousehold({
    ...clients,
    tables: settings.tables,
    bucket: settings.fileBucket,
    household: {
      items: { ...records, FILES_TABLE: [...records.FILES_TABLE, ...large.map(({ record }) => record)] },
      files: [...files, ...large.map(({ object }) => object)],
    },
  });
};
