import { join } from 'node:path';
import { MIB, type BenchCase, type BenchRun, type ResultRow } from '../bench-case.ts';
import { measureInTurns, stageRows, stagesOf, type StageResult } from '../stage.ts';
import { createBuckets, startS3Process } from '../started-s3.ts';
import type * as stages from '../stages/upload-stages.ts';

const BYTES = 1_000_000_000;
/** As the product does it. */
const PARTS = { partBytes: 6 * MIB, atOnce: 3 };
const BUCKET = 'bench-upload';
const STAGES = new URL('../stages/upload-stages.ts', import.meta.url);

const megabytesASecond = (bytes: number, { seconds }: StageResult): number => bytes / 1e6 / seconds;

const measure = async (run: BenchRun): Promise<ResultRow[]> => {
  const bytes = run.given.fileBytes ?? BYTES;
  const s3 = await startS3Process(join(run.folder, 's3'), 0);
  try {
    await createBuckets(s3.url, BUCKET);
    const stage = stagesOf<typeof stages>(STAGES, { s3: s3.url }, run.signal);
    const { product, bare } = await measureInTurns(
      {
        product: () => stage('productUpload', { bucket: BUCKET, bytes }),
        bare: () => stage('bareUpload', { url: s3.url, bucket: BUCKET, bytes, ...PARTS }),
      },
      run,
    );
    const peer = { name: 'bare HTTP', value: bare.seconds };
    return [
      { name: 'uploaded', value: bytes / 1e6, unit: 'MB' },
      ...stageRows('bare HTTP in the same parts', bare),
      ...stageRows('our store', product, { peer }),
      {
        name: 'our store',
        value: megabytesASecond(bytes, product),
        unit: 'MB/s',
        peer: { ...peer, value: megabytesASecond(bytes, bare) },
      },
    ];
  } finally {
    await s3.close();
  }
};

export const upload: BenchCase = {
  name: 'upload',
  about: '1 GB (or --file-bytes) into S3, in parts.',
  measure,
};
