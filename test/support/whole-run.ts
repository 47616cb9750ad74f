// A memory log that holds a whole run, for tasks of a sink.
import type { RecordLog } from '../../src/core/ports/record-log.ts';
import { createMemoryLog } from '../../src/log/memory/memory-log.ts';
import type { Clock } from '../../src/core/clock.ts';
import { writeSplit } from './split-records.ts';

/** Rows 1 to 4 in two splits of the task run-1, in the topic t. */
export async function wholeRun(clock: Clock): Promise<RecordLog> {
  const { log } = createMemoryLog({ maxBytes: 10_000_000, clock });
  await log.createTopic({ name: 't', partitions: 2, retentionMs: 1 });
  const run = { topic: 't', taskId: 'run-1', splits: 2 };
  await writeSplit(log, { ...run, split: 0, ids: [1, 2] });
  await writeSplit(log, { ...run, split: 1, ids: [3, 4] });
  return log;
}
