// The deployment mz: scheduler | executor | worker.
import { expect } from 'vitest';
import { describeDeployment } from '../support/deployment-suite.ts';
import { describeHandOver } from '../support/hand-over-suite.ts';

describeDeployment('mz', ['scheduler,api', 'executor', 'worker']);

const takenOver = /taken over by/;

describeHandOver('mz', {
  roles: { center: 'scheduler,api', executor: 'executor', spare: 'executor', worker: 'worker' },
  api: 'center',
  happens: async ({ start, processOf, logged }) => {
    await start('spare');
    expect(await processOf('executor').stop()).toBe(0);
    await logged(takenOver, 1);
    await start('executor');
    await processOf('spare').kill();
    await logged(takenOver, 2);
    // Alone.
    expect(await processOf('executor').stop()).toBe(0);
    await start('executor');
    await logged(takenOver, 3);
    // Twice: the second one ends it at once.
    const { process } = processOf('executor');
    process.kill('SIGTERM');
    await processOf('executor').stop();
    await start('executor');
    await logged(takenOver, 4);
  },
});
