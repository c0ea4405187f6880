import { describeActiveExports } from '../../support/active-exports-contract.ts';
import { InMemoryActiveExports } from '../../support/in-memory-active-exports.ts';
import { InMemoryJobStore } from '../../support/in-memory-job-store.ts';
import { describeJobStore } from '../../support/job-store-contract.ts';

describeJobStore('the job store in memory', () => Promise.resolve(new InMemoryJobStore()));
describeActiveExports('the active exports in memory', () => Promise.resolve(new InMemoryActiveExports()));
