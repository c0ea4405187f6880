import { describe, expect, it } from '@jest/globals';
import { createPlanPackage, MOST_FILES } from '../../../functions/plan-package/plan-package.ts';
import { ExportTooLarge } from '../../../shared/domain/errors.ts';
import { EXPORT_FORMATS } from '../../../shared/domain/export-request.ts';
import { anExportRun, aProcessingJob } from '../../support/export-builders.ts';
import { InMemoryArtifactStore } from '../../support/in-memory-artifact-store.ts';
import { InMemoryJobStore } from '../../support/in-memory-job-store.ts';

describe('a package with more files than whoever joins and verifies it can hold', () => {
  it.each(EXPORT_FORMATS)('is not begun as %s', async (exportFormat) => {
    const job = aProcessingJob({ exportFormat });
    const artifacts = new InMemoryArtifactStore();
    const plan = createPlanPackage({
      jobs: new InMemoryJobStore(job),
      artifacts,
      limits: { bytes: Infinity, entries: Infinity },
    });
    const files = {
      section: 'transactionFiles',
      requested: true,
      key: 'none',
      bytes: 0,
      sha256: '',
    } as const;
    const run = anExportRun({ userId: job.userId, exportId: job.exportId });
    const collected = [{ ...files, count: MOST_FILES + 1 }];
    await expect(plan({ run, collected }, { attemptId: 'attempt' })).rejects.toThrow(ExportTooLarge);
    expect(artifacts.keys()).toEqual([]);
  });
});
