// Which rows of a batch have one of some keys: as a plain comparison of all of them says, wherever the key stands in the row.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { touchedKeys } from '../../../src/worker/sink/rows/witness-keys.ts';
import { sentKey } from '../../../src/core/record/row-key.ts';
import { RowIndex } from '../../../src/core/record/row-index.ts';
import { ByteWriter, writeRow } from '../../../src/core/record/row-format.ts';

const value = fc.oneof(
  fc.constantFrom(
    '',
    '1',
    '12',
    '112',
    '2',
    'order-000001',
    'order-000002',
    'order-1000002',
    'a\tb',
    'a\\',
    '张三',
    '\n',
  ),
  fc.string({ maxLength: 6 }),
);
const place = fc.constantFrom(
  { key: [0], fields: 3 },
  { key: [2], fields: 3 },
  { key: [1], fields: 3 },
  { key: [0, 2], fields: 3 },
  { key: [2, 1], fields: 3 },
  { key: [0], fields: 1 },
);

function batchOf(rows: readonly (readonly string[])[]): { bytes: Buffer; rows: number } {
  const out = new ByteWriter();
  for (const row of rows) {
    writeRow(
      out,
      row.map((each) => Buffer.from(each)),
    );
    out.ensure(1);
    out.bytes[out.length] = 0x0a;
    out.length += 1;
  }
  return { bytes: Buffer.from(out.bytes.subarray(0, out.length)), rows: rows.length };
}

it('names the keys that rows of the batch have, and no others', () => {
  const rows = fc.array(fc.tuple(value, value, value), { maxLength: 30 });
  const check = fc.property(place, rows, rows, (at, some, others) => {
    const [written, known] = [some, others].map((all) => batchOf(all.map((row) => row.slice(0, at.fields))));
    if (written === undefined || known === undefined) return;
    const keysIn = (batch: { bytes: Buffer; rows: number }): string[] => {
      const index = new RowIndex(batch);
      return Array.from({ length: batch.rows }, (_, row) => {
        const start = index.start(row);
        return sentKey(batch.bytes, { start, end: start + index.size(row) - 1 }, at) ?? '';
      });
    };
    const [there, asked] = [new Set(keysIn(written)), [...new Set(keysIn(known))]];
    expect([...touchedKeys([written], asked, at)].sort()).toEqual(
      asked.filter((key) => there.has(key)).sort(),
    );
  });
  fc.assert(check, { numRuns: 2_000 });
});
