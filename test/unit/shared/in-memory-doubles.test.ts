import { describeActiveExports } from '../../support/active-exports-contract.ts';
import { describeJoining } from '../../support/artifact-join-contract.ts';
import { InMemoryActiveExports } from '../../support/in-memory-active-exports.ts';
import { InMemoryArtifactStore } from '../../support/in-memory-artifact-store.ts';
import { InMemoryJobStore } from '../../support/in-memory-job-store.ts';
import { describeJobStore } from '../../support/job-store-contract.ts';

describeJobStore('the job store in memory', () => Promise.resolve(new InMemoryJobStore()));
describeActiveExports('the active exports in memory', () => Promise.resolve(new InMemoryActiveExports()));
describeJoining('the artifact store in memory', () => Promise.resolve(new InMemoryArtifactStore()));
