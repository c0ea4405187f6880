import { describe, expect, it } from '@jest/globals';
import { ExportNotFound } from '../../../../shared/domain/errors.ts';
import { ownedJob } from '../../../../shared/use-cases/owned-job.ts';
import { aCompletedJob, aDeletingJob, anApiRequest, aTombstone } from '../../../support/export-builders.ts';
import { InMemoryJobStore } from '../../../support/in-memory-job-store.ts';

const own = aCompletedJob();
const foreign = aCompletedJob({ userId: 'somebody-else' });
const deleting = aDeletingJob();
const deleted = aTombstone();
const jobs = new InMemoryJobStore(own, foreign, deleting, deleted);

const asked = (path: Record<string, string>) => ownedJob(jobs, anApiRequest({ path }));

describe('the job that a path names', () => {
  it('is given to its owner, also while it is being deleted', async () => {
    expect(await asked({ exportId: own.exportId })).toEqual(own);
    expect(await asked({ exportId: deleting.exportId })).toEqual(deleting);
  });

  it('cannot be told from one that never was when it is somebody else’s or deleted', async () => {
    const messages = await Promise.all(
      [{ exportId: foreign.exportId }, { exportId: deleted.exportId }, { exportId: 'never-was' }, {}].map(
        async (path) => {
          const error: unknown = await asked(path as Record<string, string>).catch(
            (reason: unknown) => reason,
          );
          expect(error).toBeInstanceOf(ExportNotFound);
          return (error as Error).message;
        },
      ),
    );
    expect(new Set(messages).size).toBe(1);
  });
});
