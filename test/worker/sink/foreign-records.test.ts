// Records that a sink can't apply: refused in words, or put aside as dirty, and passed over only where they are another run's.
import { describe, expect, it } from 'vitest';
import { runSinkTask } from '../../../src/worker/sink/sink-task.ts';
import { createBufferPool } from '../../../src/core/record/buffer-pool.ts';
import { toSyncError } from '../../../src/core/errors.ts';
import type { RecordLog } from '../../../src/core/ports/record-log.ts';
import { createBatchBuilder } from '../../../src/core/record/batch-builder.ts';
import { createMemoryLog } from '../../../src/log/memory/memory-log.ts';
import { createMemoryTarget } from '../../fakes/memory-target.ts';
import type { MemoryTarget } from '../../fakes/memory-target.ts';
import { readCase } from '../../support/fault-cases.ts';
import { writeSplit } from '../../support/split-records.ts';
import { createMemorySink, createTaskBed } from '../../support/task-bed.ts';

type Headers = readonly (readonly [string, string])[];

async function makeLog(): Promise<RecordLog> {
  const { log } = createMemoryLog({ maxBytes: 10_000_000 });
  await log.createTopic({ name: 't', partitions: 2, retentionMs: 1 });
  return log;
}

async function append(log: RecordLog, record: { headers: Headers; value: string | null }): Promise<void> {
  const pool = createBufferPool({ minSize: 10_000, keep: 1 });
  const builder = createBatchBuilder({ maxBytes: 10_000, constantHeaders: [], pool, now: () => 0 });
  const value = record.value === null ? null : Buffer.from(record.value);
  builder.append({ key: Buffer.from('k1'), value, headers: record.headers });
  const batch = builder.take();
  const producer = await log.openProducer();
  if (batch !== null) await producer.append('t', 0, batch);
  await producer.close();
}

/** What ended the task; null: it completed its run. */
async function runSink(
  log: RecordLog,
  { target = createMemoryTarget(), ...config }: { target?: MemoryTarget } & Record<string, unknown> = {},
): Promise<{ code: string; message: string } | null> {
  const bed = createTaskBed({
    log,
    config: { topics: 't', 'pkuse.task.id': 'run-1', ...(config as Record<string, string>) },
  });
  try {
    await runSinkTask(createMemorySink(target), bed.context);
    return null;
  } catch (error) {
    expect(bed.statuses.at(-1)?.stage).toBe('error');
    return toSyncError(error);
  }
}

const four = (taskId: string): Headers => [
  ['taskId', taskId],
  ['predictedTotal', '2'],
  ['isEnd', 'false'],
];
const index: Headers[number] = ['currentIndex', '1'];
const split: Headers[number] = ['split', '0.a'];
const wholeRun = (log: RecordLog): Promise<void> =>
  writeSplit(log, { topic: 't', taskId: 'run-1', split: 0, splits: 1, ids: [1, 2] });

describe('a record that the sink can not apply', () => {
  it.each([
    [
      'of a foreign producer (case F11)',
      [],
      JSON.stringify(readCase('F11-foreign-records').record),
      'no header taskId',
    ],
    ['of its own task, without its split', [...four('run-1'), index], '1\tt1', 'no header split'],
    [
      'of its own task, with a split of another form',
      [...four('run-1'), ['split', '7'], index],
      '1\tt1',
      "split is '7'",
    ],
    [
      'of its own task, before any BEGIN',
      [...four('run-1'), split, index],
      '1\tt1',
      'no BEGIN record before it',
    ],
    ['that is a tombstone of nothing', [...four('run-1'), split, index], null, 'no value'],
    [
      'with a control it does not know',
      [...four('run-1'), split, ['syncline.control', 'pause'], index],
      '{}',
      "'pause'",
    ],
    [
      'whose control is no JSON',
      [...four('run-1'), split, ['syncline.control', 'begin'], index],
      '{',
      'not the JSON',
    ],
    [
      'whose dirty row is no JSON',
      [...four('run-1'), split, ['syncline.dirty', 'true'], index],
      '{',
      'not the JSON',
    ],
  ] as const)('%s fails the task and is named', async (_what, headers, value, words) => {
    const log = await makeLog();
    await append(log, { headers, value });
    const error = await runSink(log);
    expect(error?.code).toBe('RECORD_FOREIGN');
    expect(error?.message).toContain('reading t-0 at offset 0: ');
    expect(error?.message).toContain(words);
  });

  it('fails the task also when rows that it can apply stand before it', async () => {
    const log = await makeLog();
    await writeSplit(log, { topic: 't', taskId: 'run-1', split: 0, splits: 1, ids: [1, 2], ended: false });
    await append(log, { headers: [], value: 'x' });
    expect((await runSink(log))?.message).toContain('reading t-0 at offset 3: ');
  });

  it('of another task is passed over and counted', async () => {
    const log = await makeLog();
    await append(log, { headers: [...four('run-0'), index], value: 'x' });
    await writeSplit(log, { topic: 't', taskId: 'run-0', split: 1, splits: 2, ids: [7] });
    await wholeRun(log);
    const target = createMemoryTarget();
    expect(await runSink(log, { target })).toBeNull();
    expect([...target.state.rows.keys()]).toEqual(['1', '2']);
  });

  it('of another task fails a sink that was given no task id', async () => {
    const log = await makeLog();
    await wholeRun(log);
    const error = await runSink(log, { 'pkuse.task.id': '' });
    expect(error?.code).toBe('RECORD_FOREIGN');
    expect(error?.message).toContain('is of task run-1, and this sink has no pkuse.task.id');
  });
});

describe('a row whose value can not be read', () => {
  const begin = (log: RecordLog): Promise<void> =>
    writeSplit(log, {
      topic: 't',
      taskId: 'run-1',
      split: 0,
      splits: 1,
      ids: [1],
      format: 'json-plain',
      ended: false,
    });
  const rowOf = (value: string): { headers: Headers; value: string } => ({
    headers: [...four('run-1'), split, index],
    value,
  });

  it.each([
    ['{"id":2,', 'it is not JSON', ''],
    ['[]x', 'it is not JSON', ''],
    ['7', 'no payload', ''],
    ['{"id":1e300,"text":"a"}', 'id: 1e+300 is no int', 'id'],
    ['{"id":"two","text":"a"}', 'id: "two" is no int', 'id'],
  ])('is dirty, with its key and the reason: %s', async (value, words, field) => {
    const log = await makeLog();
    await begin(log);
    await append(log, rowOf(value));
    const error = await runSink(log);
    expect(error).toMatchObject({ code: 'DIRTY_LIMIT' });
    expect(error?.message).toContain(field === '' ? 'row k1: ' : `row k1, field ${field}: `);
    expect(error?.message).toContain(words);
  });

  it('leaves the others, below the limit', async () => {
    const log = await makeLog();
    await begin(log);
    await append(log, rowOf('{'));
    await append(log, rowOf('{"id":3,"text":"t3"}'));
    const end = {
      plan: 'plan',
      split: 0,
      attempt: 'a',
      read: 3,
      filtered: 0,
      emitted: 3,
      nulled: 0,
      doubts: [],
    };
    await append(log, {
      headers: [...four('run-1'), split, ['syncline.control', 'end'], index],
      value: JSON.stringify(end),
    });
    const target = createMemoryTarget();
    expect(await runSink(log, { target, 'dirty.limit': '1' })).toBeNull();
    expect([...target.state.rows.keys()]).toEqual(['1', '3']);
    expect(target.state.dirty.map(({ entry }) => [entry.key, entry.bytesHex])).toEqual([['k1', '7b']]);
  });
});
