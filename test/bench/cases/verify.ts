import { GetObjectCommand } from '@aws-sdk/client-s3';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { packageKey } from '../../../shared/domain/package-layout.ts';
import type { BenchCase, BenchRun, ResultRow } from '../bench-case.ts';
import { benchHousehold, type BenchHousehold } from '../bench-household.ts';
import { collectedExport } from '../collected-export.ts';
import { installed, programResult, UNZIPPERS } from '../outside-program.ts';
import { measureInTurns, stageRows, stagesOf, type StageResult } from '../stage.ts';
import { benchS3Client, startS3Process } from '../started-s3.ts';
import type * as packageStages from '../stages/package-stages.ts';
import type * as verifyStages from '../stages/verify-stages.ts';

const SIZE = { transactions: 200_000, files: 200, fileBytes: 50_000, textFilesInHundred: 50 };
const PACKAGE_STAGES = new URL('../stages/package-stages.ts', import.meta.url);
const VERIFY_STAGES = new URL('../stages/verify-stages.ts', import.meta.url);

/** Packs the household by the product's own means, and answers where the package is. */
const savedPackage = async (run: BenchRun, household: BenchHousehold): Promise<string> => {
  const s3 = await startS3Process(join(run.folder, 's3'), 0);
  const client = benchS3Client(s3.url);
  try {
    const collected = await collectedExport(s3.url, household, run.signal);
    const pack = stagesOf<typeof packageStages>(PACKAGE_STAGES, { s3: s3.url }, run.signal);
    await pack('productPack', { collected, attemptId: 'bench' });
    const Key = packageKey(collected.run, 'bench', 'zip');
    const found = await client.send(new GetObjectCommand({ Bucket: collected.packagesBucket, Key }));
    const file = join(run.folder, 'package.zip');
    await pipeline(found.Body as Readable, createWriteStream(file));
    return file;
  } finally {
    client.destroy();
    await s3.close();
  }
};

const rowsOf = (
  product: StageResult,
  programs: readonly (readonly [name: string, result: StageResult])[],
): ResultRow[] => {
  const [first] = programs;
  const megabytes = (product.told['bytes'] ?? NaN) / 1e6;
  return [
    { name: 'content', value: megabytes, unit: 'MB' },
    ...stageRows(
      'our verifier',
      product,
      first === undefined ? {} : { peer: { name: first[0], value: first[1].seconds } },
    ),
    { name: 'our verifier, content', value: megabytes / product.seconds, unit: 'MB/s' },
    ...programs.map(([name, { seconds }]) => ({ name, value: seconds, unit: 's', plotted: true })),
  ];
};

const measure = async (run: BenchRun): Promise<ResultRow[]> => {
  const { transactions = SIZE.transactions, files = SIZE.files, fileBytes = SIZE.fileBytes } = run.given;
  const household = benchHousehold({ ...SIZE, transactions, files, fileBytes });
  run.note(`Packing ${transactions} transactions and ${files} files …`);
  const file = await savedPackage(run, household);
  const verify = stagesOf<typeof verifyStages>(VERIFY_STAGES, {}, run.signal);
  const programs = await installed(UNZIPPERS);
  const ways = Object.fromEntries(
    programs.map((program) => [
      program.name,
      () => programResult(program, program.test(file), { signal: run.signal }),
    ]),
  );
  const { product, ...others } = await measureInTurns(
    { product: () => verify('productVerify', { file }), ...ways },
    run,
  );
  if (product.told['transactions'] !== transactions) throw new Error('Not all transactions were read.');
  return [
    { name: 'package', value: (await stat(file)).size / 1e6, unit: 'MB' },
    ...rowsOf(product, Object.entries(others)),
  ];
};

export const verify: BenchCase = {
  name: 'verify',
  about: 'A saved package of 200,000 transactions and 200 files, checked byte by byte and sum by sum.',
  measure,
};
