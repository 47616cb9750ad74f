// The deployment one: everything in one process.
import { expect } from 'vitest';
import { describeDeployment } from '../support/deployment-suite.ts';
import { describeHandOver } from '../support/hand-over-suite.ts';

describeDeployment('one', ['scheduler,executor,worker,api']);

// The tasks end with the process: the run goes on with the connectors that its next start brings back.
describeHandOver('one', {
  roles: { all: 'scheduler,executor,worker,api' },
  api: 'all',
  happens: async ({ start, processOf, logged }) => {
    expect(await processOf('all').stop()).toBe(0);
    await start('all');
    await logged(/taken over by/, 1);
  },
});
