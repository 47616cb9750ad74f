// The sink's inbox: fetched records become units, none larger than the sink's batch.size.
import { expect, it } from 'vitest';
import { createDecoder } from '../../../connectors/runtime/converters/value-converter.ts';
import { rowHeaders } from '../../../connectors/runtime/run-headers.ts';
import { SinkInbox } from '../../../connectors/runtime/sink-inbox.ts';
import type { Unit } from '../../../connectors/runtime/sink-inbox.ts';
import { createBufferPool } from '../../../src/core/buffer-pool.ts';
import { createBatchBuilder } from '../../../src/core/record-batch.ts';

const schema = { fields: [{ name: 'id', type: { kind: 'int32' as const }, optional: false }], key: ['id'] };

it('gives no unit more rows than batch.size, and loses none', () => {
  const builder = createBatchBuilder({
    maxBytes: 10_000,
    constantHeaders: rowHeaders({ taskId: 'run', predictedTotal: '10', split: '0.a' }),
    pool: createBufferPool({ minSize: 10_000, keep: 1 }),
    now: () => 0,
  });
  for (let row = 1; row <= 10; row += 1)
    builder.appendRow(Buffer.from(`${row}${row}`), String(row).length, String(row).length * 2, row);
  const bytes = builder.take()?.bytes ?? Buffer.alloc(0);
  const inbox = new SinkInbox({
    partition: 0,
    next: 0,
    taskId: 'run',
    maxRows: 3,
    decoder: () => createDecoder('row', schema),
    onBegin: () => undefined,
    pool: createBufferPool({ minSize: 1_000, keep: 2 }),
  });
  inbox.accept({ partition: 0, bytes, from: 0, next: 10 }, 0);
  const units: Unit[] = [];
  for (let unit = inbox.take(0, 5, 0); unit !== null; unit = inbox.take(0, 5, 0)) units.push(unit);
  expect(units.map(({ from, to, rows }) => [from, to, rows])).toEqual([
    [0, 3, 3],
    [3, 6, 3],
    [6, 9, 3],
    [9, 10, 1],
  ]);
});
