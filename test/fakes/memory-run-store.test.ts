// The run store that the executor's tests run on keeps the rules of the real ones.
import { systemClock } from '../../src/core/clock.ts';
import type { Job } from '../../src/core/job.ts';
import { testRunStore } from '../conformance/run-store.ts';
import { createMemoryRunStore } from './memory-run-store.ts';

testRunStore('memory', () => {
  const runs = createMemoryRunStore(systemClock);
  const { jobVersions } = runs;
  return Promise.resolve({
    runs,
    jobs: {
      create: (spec) => {
        const id = `job-${jobVersions.size + 1}`;
        jobVersions.set(id, 1);
        return Promise.resolve({ id, version: 1, spec } as Job);
      },
      update: ({ id, version, spec }) => {
        jobVersions.set(id, version + 1);
        return Promise.resolve({ id, version: version + 1, spec } as Job);
      },
      databaseNow: () => Promise.resolve(systemClock.now()),
    },
    close: () => Promise.resolve(),
  });
});
