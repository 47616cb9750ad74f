// A sink task from its first statement to its last, over a fake log and the target in memory.
import { describe, expect, it } from 'vitest';
import { runSinkTask } from '../../../../connectors/runtime/sink-task-runner.ts';
import type { LogReader, RecordLog } from '../../../../src/core/ports.ts';
import { createFakeClock } from '../../../fakes/fake-clock.ts';
import { createFakeRecordLog } from '../../../fakes/fake-record-log.ts';
import { createMemoryTarget } from '../../../fakes/memory-target.ts';
import { createMemorySink, createTaskBed } from '../../../support/task-bed.ts';

/** A log with the topic `t`, whose polls do what the test says. */
async function logOf(poll: LogReader['poll']): Promise<RecordLog> {
  const log = createFakeRecordLog('memory');
  await log.createTopic({ name: 't', partitions: 2, retentionMs: 1 });
  const reader = { poll, setPaused: () => undefined, close: () => Promise.resolve() };
  return { ...log, openReader: () => Promise.resolve(reader) };
}

describe('a sink that waits', () => {
  it('goes on after 200,000 empty polls', async () => {
    const clock = createFakeClock(0);
    let polls = 0;
    const log = await logOf(() => {
      polls += 1;
      clock.set(clock.now() + 100);
      if (polls === 200_000) bed.stop.abort();
      return Promise.resolve([]);
    });
    const bed = createTaskBed({ log, clock, config: { topics: 't', 'pkuse.task.id': 'run-1' } });
    await runSinkTask(createMemorySink(createMemoryTarget()), bed.context);
    expect(polls).toBe(200_000);
    expect(bed.statuses.map(({ stage }) => stage)).not.toContain('error');
    expect(clock.sleepers).toBe(0);
  });
});
