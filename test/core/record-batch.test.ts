// Builder and cursor against each other and against a second, slow codec.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBufferPool } from '../../src/core/record/buffer-pool.ts';
import { createBatchBuilder } from '../../src/core/record/batch-builder.ts';
import { createRecordCursor } from '../../src/core/record/record-cursor.ts';
import type { EncodedBatch } from '../../src/core/record/record-batch.ts';
import type { BatchBuilder } from '../../src/core/record/batch-builder.ts';
import type { PlainRecord } from '../support/batch-codec.ts';
import { decodeBatches, encodeBatch } from '../support/batch-codec.ts';

const constantHeaders = [
  ['taskId', 't-1'],
  ['predictedTotal', '42'],
  ['isEnd', 'false'],
] as const;

const setup = (maxBytes = 1_000_000): BatchBuilder =>
  createBatchBuilder({
    maxBytes,
    constantHeaders,
    pool: createBufferPool({ minSize: maxBytes, keep: 8 }),
    now: () => 1_700_000_000_000,
  });

function appendRow(
  builder: BatchBuilder,
  row: { key: Uint8Array; value: Uint8Array; index: number },
): boolean {
  const bytes = Buffer.concat([row.key, row.value]);
  return builder.appendRow(bytes, row.key.length, bytes.length, row.index);
}

/** Records as text: comparing thousands of bytes one by one is too slow for a property. */
const asText = (records: readonly PlainRecord[]): readonly string[] =>
  records.map((r) =>
    JSON.stringify([r.offset, r.key?.toString('latin1'), r.value?.toString('latin1'), r.headers]),
  );

/** Everything a cursor sees, through the public face only. */
function readAll(bytes: Buffer, from = 0): PlainRecord[] {
  const cursor = createRecordCursor();
  cursor.open(bytes, from);
  const found: PlainRecord[] = [];
  while (cursor.next()) {
    found.push({
      offset: cursor.offset,
      key:
        cursor.keyEnd < cursor.keyStart
          ? null
          : Buffer.from(cursor.bytes.subarray(cursor.keyStart, cursor.keyEnd)),
      value:
        cursor.valueEnd < cursor.valueStart
          ? null
          : Buffer.from(cursor.bytes.subarray(cursor.valueStart, cursor.valueEnd)),
      headers: [...constantHeaders.map(([name]) => name), 'currentIndex']
        .map((name) => [name, cursor.header(name)] as const)
        .filter(([, value]) => value !== null),
    });
  }
  return found;
}

const take = (builder: BatchBuilder): EncodedBatch => {
  const batch = builder.take();
  if (batch === null) throw new Error('the builder is empty');
  return batch;
};

const record = (offset: number, text: string | null): PlainRecord => ({
  offset,
  key: text === null ? null : Buffer.from(text),
  value: text === null ? null : Buffer.from(`${text}-value`),
  headers: [['taskId', 'x']],
});

describe('batch builder', () => {
  /** Lengths around every border of a varint, from a fill byte: drawing each byte would take minutes. */
  const bytesArbitrary = fc
    .tuple(
      fc.oneof(fc.integer({ min: 0, max: 130 }), fc.integer({ min: 8_100, max: 8_300 })),
      fc.integer({ min: 0, max: 255 }),
    )
    .map(([length, fill]) => Buffer.alloc(length, fill));
  const rowArbitrary = fc.record({
    key: bytesArbitrary,
    value: bytesArbitrary,
    index: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  });

  it('writes rows that both decoders read back with their headers, whatever the lengths', () => {
    fc.assert(
      fc.property(fc.array(rowArbitrary, { minLength: 1, maxLength: 100 }), (rows) => {
        const builder = setup();
        for (const row of rows) expect(appendRow(builder, row)).toBe(true);
        expect(builder.records).toBe(rows.length);
        const length = builder.length;
        const batch = take(builder);
        expect(batch.bytes.length).toBe(length);
        const expected = rows.map((row, offset) => ({
          offset,
          key: row.key,
          value: row.value,
          headers: [...constantHeaders, ['currentIndex', String(row.index)] as const],
        }));
        expect(asText(decodeBatches(batch.bytes))).toEqual(asText(expected));
        expect(asText(readAll(batch.bytes))).toEqual(asText(expected));
      }),
      { numRuns: 60 },
    );
  });

  it('never passes maxBytes with more than one row, and loses no row at the cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 300, max: 2500 }),
        (sizes, maxBytes) => {
          const builder = setup(maxBytes);
          const batches: Buffer[] = [];
          const cut = (): void => {
            const batch = take(builder);
            if (batch.bytes.length > maxBytes) expect(batch.records).toBe(1);
            batches.push(Buffer.from(batch.bytes));
            builder.release(batch);
          };
          sizes.forEach((size, index) => {
            const row = { key: Buffer.from('k'), value: Buffer.alloc(size, index), index: index + 1 };
            if (appendRow(builder, row)) return;
            cut();
            expect(appendRow(builder, row)).toBe(true);
          });
          cut();
          const read = batches.flatMap((batch) => decodeBatches(batch));
          expect(read.map((row) => row.value?.length)).toEqual(sizes);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('stamps all records of a batch with the time of its first', () => {
    const builder = setup();
    appendRow(builder, { key: Buffer.from('k'), value: Buffer.from('v'), index: 1 });
    const { bytes } = take(builder);
    expect(bytes.readBigInt64BE(27)).toBe(1_700_000_000_000n);
    expect(bytes.readBigInt64BE(35)).toBe(1_700_000_000_000n);
  });

  it('takes a control record with headers of its own between rows', () => {
    const builder = setup();
    appendRow(builder, { key: Buffer.from('k'), value: Buffer.from('v'), index: 1 });
    const headers = [
      ['syncline.control', 'end'],
      ['isEnd', 'true'],
    ] as const;
    expect(builder.append({ key: Buffer.from('c'), value: Buffer.from('{}'), headers })).toBe(true);
    expect(decodeBatches(take(builder).bytes)[1]).toEqual({
      offset: 1,
      key: Buffer.from('c'),
      value: Buffer.from('{}'),
      headers,
    });
  });

  it('gives null when empty and refuses a second row larger than what is left', () => {
    const builder = setup(400);
    expect(builder.take()).toBeNull();
    const row = { key: Buffer.from('k'), value: Buffer.alloc(1000), index: 1 };
    expect(appendRow(builder, row)).toBe(true);
    expect(appendRow(builder, row)).toBe(false);
    expect(builder.append({ key: row.key, value: row.value, headers: [] })).toBe(false);
    expect(take(builder).records).toBe(1);
  });

  it('reuses released memory only', () => {
    const builder = setup();
    const next = (): EncodedBatch => {
      appendRow(builder, { key: Buffer.from('k'), value: Buffer.from('v'), index: 1 });
      return take(builder);
    };
    const first = next();
    const second = next();
    expect(second.bytes.buffer).not.toBe(first.bytes.buffer);
    builder.release(first);
    expect(next().bytes.buffer).toBe(first.bytes.buffer);
  });
});

describe('record cursor', () => {
  it('starts at the wanted offset inside a batch', () => {
    const bytes = encodeBatch({ records: [record(7, 'a'), record(8, 'b'), record(9, 'c')] });
    expect(readAll(bytes, 8).map((r) => r.offset)).toEqual([8, 9]);
    expect(readAll(bytes, 10)).toEqual([]);
  });

  it('leaves a cut-off last batch out, wherever the cut is', () => {
    const whole = encodeBatch({ records: [record(0, 'a'), record(1, 'b')] });
    const next = encodeBatch({ records: [record(2, 'c')] });
    for (let cut = 0; cut < next.length; cut += 1)
      expect(readAll(Buffer.concat([whole, next.subarray(0, cut)]))).toHaveLength(2);
    expect(readAll(Buffer.concat([whole, next]))).toHaveLength(3);
  });

  it('reads null keys, null values and null headers as null', () => {
    const odd: PlainRecord = { offset: 0, key: null, value: null, headers: [['taskId', null]] };
    const cursor = createRecordCursor();
    cursor.open(encodeBatch({ records: [odd] }), 0);
    expect(cursor.next()).toBe(true);
    expect([cursor.keyEnd - cursor.keyStart, cursor.valueEnd - cursor.valueStart]).toEqual([-1, -1]);
    expect(cursor.header('taskId')).toBeNull();
    expect(cursor.header('none')).toBeNull();
  });

  it('takes the last of two headers with one name', () => {
    const twice: PlainRecord = {
      ...record(0, 'a'),
      headers: [
        ['taskId', 'first'],
        ['taskId', 'last'],
      ],
    };
    expect(readAll(encodeBatch({ records: [twice] }))[0]?.headers).toEqual([['taskId', 'last']]);
  });

  it('passes over control batches, emptied batches and the gaps of compaction', () => {
    const bytes = Buffer.concat([
      encodeBatch({ records: [record(0, 'a'), record(4, 'b')], lastOffset: 6 }),
      encodeBatch({ records: [record(7, 'marker')], control: true }),
      encodeBatch({ records: [], baseOffset: 8, lastOffset: 11 }),
      encodeBatch({ records: [record(13, 'c')], baseOffset: 12 }),
    ]);
    expect(readAll(bytes).map((r) => r.offset)).toEqual([0, 4, 13]);
  });

  it("tells each record's own time, or the broker's where the topic has that", () => {
    const records = [record(0, 'a'), record(1, 'b'), record(2, 'c')];
    const timestamp = 1_700_000_000_000;
    const timeDeltas = [0, -5, 2 ** 40];
    const bytes = Buffer.concat([
      encodeBatch({ records, timestamp, timeDeltas }),
      encodeBatch({ records: [record(3, 'd')], timestamp, timeDeltas, codec: 1 }),
      encodeBatch({ records: [record(4, 'e')], timestamp, appendTime: timestamp + 77 }),
    ]);
    const cursor = createRecordCursor();
    cursor.open(bytes, 0);
    const times: number[] = [];
    while (cursor.next()) times.push(cursor.timestamp() - timestamp);
    expect(times).toEqual([0, -5, 2 ** 40, 0, 77]);
  });

  it('reads gzip batches of other producers between plain ones', () => {
    const bytes = Buffer.concat([
      encodeBatch({ records: [record(0, 'a')] }),
      encodeBatch({ records: [record(1, 'b'), record(2, null)], codec: 1 }),
      encodeBatch({ records: [record(3, 'd')] }),
    ]);
    expect(readAll(bytes)).toEqual([record(0, 'a'), record(1, 'b'), record(2, null), record(3, 'd')]);
  });

  it('names a codec it does not know, and an old message format', () => {
    const bytes = encodeBatch({ records: [record(0, 'a')], codec: 4 });
    expect(() => readAll(bytes)).toThrow(/zstd is not supported/);
    bytes[16] = 1;
    expect(() => readAll(bytes)).toThrow(/message format 1/);
  });

  it('throws on a record that ends outside its batch', () => {
    const bytes = encodeBatch({ records: [record(0, 'a')] });
    bytes[61] = 0x7e;
    expect(() => readAll(bytes)).toThrow(/ends outside its batch/);
  });

  it('reads offsets past 2^32', () => {
    const far = 2 ** 40 + 5;
    expect(readAll(encodeBatch({ records: [record(far, 'a')] }), far)[0]?.offset).toBe(far);
  });
});
