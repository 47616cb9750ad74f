// A memory log that holds a whole run, for tasks of a sink.
import type { RecordLog } from '../../src/core/ports/record-log.ts';
import { createMemoryLog } from '../../src/log/memory/memory-log.ts';
import type { Clock } from '../../src/core/clock.ts';
import { writeSplit } from './split-records.ts';

/** Rows 1, 2 and so on, two in each split of the task run-1, in the topic t. One split is one unit for the sink. */
export async function wholeRun(clock: Clock, splits = 2): Promise<RecordLog> {
  const { log } = createMemoryLog({ maxBytes: 10_000_000, clock });
  await log.createTopic({ name: 't', partitions: 2, retentionMs: 1 });
  const run = { topic: 't', taskId: 'run-1', splits };
  for (let split = 0; split < splits; split += 1)
    await writeSplit(log, { ...run, split, ids: [2 * split + 1, 2 * split + 2] });
  return log;
}
