import { describeActiveExports } from '../../support/active-exports-contract.ts';
import { describeDueRows } from '../../support/due-rows-contract.ts';
import { describeJoining } from '../../support/artifact-join-contract.ts';
import { InMemoryActiveExports } from '../../support/in-memory-active-exports.ts';
import { InMemoryDueRows } from '../../support/in-memory-due-rows.ts';
import { InMemoryArtifactStore } from '../../support/in-memory-artifact-store.ts';
import { InMemoryJobStore } from '../../support/in-memory-job-store.ts';
import { describeJobStore } from '../../support/job-store-contract.ts';

describeJobStore('the job store in memory', () => Promise.resolve(new InMemoryJobStore()));
describeActiveExports('the active exports in memory', () => Promise.resolve(new InMemoryActiveExports()));
describeDueRows('the due rows in memory', () => {
  const [jobs, places] = [new InMemoryJobStore(), new InMemoryActiveExports()];
  return Promise.resolve({ jobs, places, dueRows: new InMemoryDueRows(jobs, places) });
});
describeJoining('the artifact store in memory', () => Promise.resolve(new InMemoryArtifactStore()));
