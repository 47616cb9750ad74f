// The walker over cell blocks: every field of every cell where it is, and no step outside the block.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CellBlockCursor,
  cellTypes,
  encodeCells,
  encodedCellSize,
  latestTimestamp,
  rowKeyAt,
  skipCells,
} from '../../../../connectors/hbase/client/wire/cell-block.ts';
import type { Cell, CellType } from '../../../../connectors/hbase/client/wire/cell-block.ts';

const bytes = (max: number, min = 0): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: min, maxLength: max }).map((array) => Buffer.from(array));

const anyCell: fc.Arbitrary<Cell> = fc.record({
  row: bytes(300, 1),
  family: bytes(20),
  qualifier: bytes(40),
  timestamp: fc.bigInt({ min: 0n, max: latestTimestamp }),
  type: fc.constantFrom(...(Object.keys(cellTypes) as CellType[])),
  value: bytes(100),
});

function walk(block: Buffer, start = 0, end = block.length): Cell[] {
  const cursor = new CellBlockCursor();
  cursor.reset(block, start, end);
  const part = (at: number, length: number): Buffer => Buffer.from(block.subarray(at, at + length));
  const cells: Cell[] = [];
  while (cursor.next()) {
    cells.push({
      row: part(cursor.rowStart, cursor.rowLength),
      family: part(cursor.familyStart, cursor.familyLength),
      qualifier: part(cursor.qualifierStart, cursor.qualifierLength),
      timestamp: (BigInt(cursor.timestampHigh) << 32n) | BigInt(cursor.timestampLow),
      type: (Object.keys(cellTypes) as CellType[]).find((type) => cellTypes[type] === cursor.type) ?? 'put',
      value: part(cursor.valueStart, cursor.valueLength),
    });
  }
  return cells;
}

const cell = (row: string, qualifier: string, value: string): Cell => ({
  row: Buffer.from(row),
  family: Buffer.from('cf'),
  qualifier: Buffer.from(qualifier),
  timestamp: 1_767_225_600_000n,
  type: 'put',
  value: Buffer.from(value),
});

describe('cell block', () => {
  it('has the layout of KeyValueCodec', () => {
    expect(encodeCells([cell('r1', 'q', 'val')]).toString('hex')).toBe(
      [
        '0000001c',
        '00000011',
        '00000003',
        '0002',
        '7231',
        '02',
        '6366',
        '71',
        '0000019b76daa800',
        '04',
        '76616c',
      ].join(''),
    );
  });

  it('gives back every field of every cell', () => {
    fc.assert(
      fc.property(fc.array(anyCell, { maxLength: 30 }), (cells) => {
        const block = encodeCells(cells);
        expect(block.length).toBe(cells.reduce((sum, one) => sum + encodedCellSize(one), 0));
        expect(walk(block)).toEqual(cells);
      }),
    );
  });

  it('steps over tags', () => {
    const plain = encodeCells([cell('r', 'a', '1')]);
    const tags = Buffer.from([0, 5, 0, 3, 1, 0xaa, 0xbb]);
    const tagged = Buffer.concat([plain, tags]);
    tagged.writeInt32BE(plain.length - 4 + tags.length, 0);
    const next = encodeCells([cell('r', 'b', '2')]);
    expect(walk(Buffer.concat([tagged, next]))).toEqual([cell('r', 'a', '1'), cell('r', 'b', '2')]);
  });

  it('tells the time of a cell in ms', () => {
    const cursor = new CellBlockCursor();
    const block = encodeCells([cell('r', 'a', '1')]);
    cursor.reset(block, 0, block.length);
    expect([cursor.next(), cursor.timestampMs(), cursor.next()]).toEqual([true, 1_767_225_600_000, false]);
  });

  it('walks a range in the middle of a larger buffer', () => {
    const block = encodeCells([cell('r', 'a', '1'), cell('s', 'b', '2')]);
    const surrounded = Buffer.concat([Buffer.alloc(13, 0xff), block, Buffer.alloc(7, 0xff)]);
    expect(walk(surrounded, 13, 13 + block.length)).toHaveLength(2);
  });

  it('never leaves its block, whichever bytes are damaged', () => {
    const block = encodeCells([cell('row-1', 'a', '1'), cell('row-1', 'b', ''), cell('row-2', 'a', '333')]);
    fc.assert(
      fc.property(fc.nat(block.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(block);
        damaged[at] = byte;
        const cursor = new CellBlockCursor();
        cursor.reset(damaged, 0, damaged.length);
        try {
          while (cursor.next())
            expect(cursor.valueStart + cursor.valueLength).toBeLessThanOrEqual(damaged.length);
        } catch (error) {
          expect(error).toMatchObject({ code: 'HBASE_FAILED' });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('skips cells by their length alone, and refuses to skip past the end', () => {
    const first = cell('r', 'a', '1');
    const block = encodeCells([first, cell('s', 'b', '2')]);
    expect(skipCells(block, 0, 1, block.length)).toBe(encodedCellSize(first));
    expect(skipCells(block, 0, 2, block.length)).toBe(block.length);
    expect(rowKeyAt(block, encodedCellSize(first)).toString()).toBe('s');
    expect(() => skipCells(block, 0, 3, block.length)).toThrow(/does not fit/);
    expect(() => skipCells(block, 0, 2, block.length - 1)).toThrow(/does not fit/);
  });
});
