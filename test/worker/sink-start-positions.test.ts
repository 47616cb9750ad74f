// Where a sink's run by hand starts: at what was set for it, else where the last run stood, else at the start of the log.
import { describe, expect, it } from 'vitest';
import { readSinkRun } from '../../src/worker/run-config.ts';
import { ensurePartitions, findRun } from '../../src/worker/sink/sink-ledger.ts';
import { START_POSITIONS } from '../../src/worker/sink/sink-positions.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createFakeSink } from '../fakes/fake-plugins.ts';
import { createFakeRecordLog } from '../fakes/fake-record-log.ts';
import { freeSlots } from '../fakes/free-slots.ts';
import { notesIn } from '../support/task-bed.ts';
import { createMemoryTarget } from '../fakes/memory-target.ts';

async function setup(): Promise<{
  notes: Map<string, string>;
  /** Begins the next run by hand and gives its start offsets. */
  begin: (generation: number) => Promise<readonly number[]>;
  standAt: (next: number) => void;
}> {
  const target = createMemoryTarget();
  const plugin = createFakeSink(target);
  const log = createFakeRecordLog('memory');
  await log.createTopic({ name: 't', partitions: 2, retentionMs: 1 });
  const notes = new Map<string, string>();
  const begin = async (generation: number): Promise<readonly number[]> => {
    const config = { topics: 't', 'pkuse.task.id': `task-${generation}` };
    const context = {
      connector: 's',
      config,
      generation,
      log,
      notes: notesIn(notes),
      slots: freeSlots,
      clock: systemClock,
      publish: () => undefined,
      sourceFailed: new AbortController().signal,
      signal: new AbortController().signal,
    };
    const run = readSinkRun(plugin, 's', config);
    const key = await findRun({ plugin, run, context });
    const options = { store: target.openStore(), log, run, key, topic: 't', context, known: [] };
    return (await ensurePartitions(options)).map(({ next }) => next);
  };
  const standAt = (next: number): void => {
    for (const [id, position] of target.state.partitions)
      target.state.partitions.set(id, { ...position, next });
  };
  return { notes, begin, standAt };
}

const set = (next: number | null, epoch: number): string =>
  JSON.stringify([{ topic: 't', partition: 1, next, epoch }]);

describe('a run by hand', () => {
  it('starts at the start of the log, the next one where it stood', async () => {
    const { begin, standAt } = await setup();
    expect(await begin(1)).toEqual([0, 0]);
    standAt(5);
    expect(await begin(2)).toEqual([5, 5]);
  });

  it('starts at what was set for it, and only that run does', async () => {
    const { begin, standAt, notes } = await setup();
    await begin(1);
    standAt(5);
    notes.set(START_POSITIONS, set(3, 1));
    expect(await begin(2)).toEqual([5, 3]);
    standAt(9);
    expect(await begin(3)).toEqual([9, 9]);
  });

  it('starts at the start of the log when its position was reset', async () => {
    const { begin, standAt, notes } = await setup();
    await begin(1);
    standAt(5);
    notes.set(START_POSITIONS, set(null, 1));
    expect(await begin(2)).toEqual([5, 0]);
  });
});
