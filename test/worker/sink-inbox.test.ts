// The sink's inbox: fetched records become units, none larger than the sink's batch.size.
import { expect, it } from 'vitest';
import { createDecoder } from '../../src/worker/converters/value-converter.ts';
import { rowHeaders } from '../../src/worker/source/run-headers.ts';
import { SinkInbox } from '../../src/worker/sink/sink-inbox.ts';
import type { Unit } from '../../src/worker/sink/sink-inbox.ts';
import { writeBaseOffset } from '../../src/core/record/batch-header.ts';
import { createBufferPool } from '../../src/core/record/buffer-pool.ts';
import { createBatchBuilder } from '../../src/core/record/batch-builder.ts';

const schema = { fields: [{ name: 'id', type: { kind: 'int32' as const }, optional: false }], key: ['id'] };

/** Rows `first`…`last` as a batch that was begun at `time`. */
function batchOf(first: number, last: number, time: number): Buffer {
  const builder = createBatchBuilder({
    maxBytes: 10_000,
    constantHeaders: rowHeaders({ taskId: 'run', predictedTotal: '10', split: '0.a' }),
    pool: createBufferPool({ minSize: 10_000, keep: 1 }),
    now: () => time,
  });
  for (let row = first; row <= last; row += 1)
    builder.appendRow(Buffer.from(`${row}${row}`), String(row).length, String(row).length * 2, row);
  const bytes = builder.take()?.bytes ?? Buffer.alloc(0);
  writeBaseOffset(bytes, first - 1);
  return bytes;
}

function makeInbox(more: { readonly maxRows: number; readonly byTimestamp?: boolean }): SinkInbox {
  return new SinkInbox({
    topic: 't',
    passesOthers: true,
    partition: 0,
    next: 0,
    taskId: 'run',
    decoder: () => createDecoder('row', schema),
    onBegin: () => undefined,
    pool: createBufferPool({ minSize: 1_000, keep: 2 }),
    ...more,
  });
}

it('puts rows of one timestamp into a batch of their own, where the sink asks for that', () => {
  for (const byTimestamp of [true, false]) {
    const inbox = makeInbox({ maxRows: 100, byTimestamp });
    for (const [first, last, time] of [
      [1, 3, 500],
      [4, 4, 500],
      [5, 6, 501],
    ] as const)
      inbox.accept({ partition: 0, bytes: batchOf(first, last, time), from: first - 1, next: last }, 0);
    const batches = inbox
      .take(0, 1, 0)
      ?.segments.map((segment) => (segment.kind === 'rows' ? segment.batch : null));
    expect(batches?.map((batch) => [batch?.rows, batch?.timestamp])).toEqual(
      byTimestamp
        ? [
            [4, 500],
            [2, 501],
          ]
        : [[6, undefined]],
    );
  }
});

it('gives no unit more rows than batch.size, and loses none', () => {
  const inbox = makeInbox({ maxRows: 3 });
  inbox.accept({ partition: 0, bytes: batchOf(1, 10, 0), from: 0, next: 10 }, 0);
  const units: Unit[] = [];
  for (let unit = inbox.take(0, 5, 0); unit !== null; unit = inbox.take(0, 5, 0)) units.push(unit);
  expect(units.map(({ from, to, rows }) => [from, to, rows])).toEqual([
    [0, 3, 3],
    [3, 6, 3],
    [6, 9, 3],
    [9, 10, 1],
  ]);
});

it('says where each row of a batch begins', () => {
  const inbox = makeInbox({ maxRows: 100 });
  inbox.accept({ partition: 0, bytes: batchOf(9, 12, 500), from: 8, next: 12 }, 0);
  const [segment] = inbox.take(0, 1, 0)?.segments ?? [];
  const batch = segment?.kind === 'rows' ? segment.batch : null;
  expect(batch?.bytes.toString()).toBe('9\n10\n11\n12\n');
  expect([...(batch?.starts ?? [])]).toEqual([0, 2, 5, 8, 11]);
});
