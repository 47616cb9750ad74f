// Rows out of scan responses: however the server cuts them, the same rows come out, whole.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellBlockCursor, encodeCells } from '../../../../connectors/hbase/client/wire/cell-block.ts';
import type { Cell } from '../../../../connectors/hbase/client/wire/cell-block.ts';
import { ResultLayout } from '../../../../connectors/hbase/client/messages/scan-response.ts';
import { RowAssembler } from '../../../../connectors/hbase/client/scan/row-assembler.ts';
import type { CellBlock, RowBlock } from '../../../../connectors/hbase/client/scan/row-assembler.ts';

interface Result {
  readonly row: string;
  /** Qualifiers of its cells. */
  readonly cells: string;
  readonly partial?: boolean;
}

const cellOf = (row: string, qualifier: string): Cell => ({
  row: Buffer.from(row),
  family: Buffer.from('cf'),
  qualifier: Buffer.from(qualifier),
  timestamp: 1n,
  type: 'put',
  value: Buffer.from(`${row}${qualifier}`),
});

/** A response as it lies in its frame, `room` bytes of message before the block. */
function respond(results: readonly Result[], room = 0): [CellBlock, ResultLayout] {
  const cells = results.flatMap(({ row, cells }) => Array.from(cells, (qualifier) => cellOf(row, qualifier)));
  const buffer = Buffer.concat([Buffer.alloc(room, 0xee), encodeCells(cells)]);
  const layout = new ResultLayout();
  for (const [index, { cells, partial }] of results.entries()) {
    layout.addCellCount(index, cells.length);
    layout.partials[index] = partial === true ? 1 : 0;
  }
  layout.count = results.length;
  return [{ buffer, blockStart: room, blockEnd: buffer.length }, layout];
}

/** Rows as `key:qualifiers`, each from its own range. */
function rowsIn(block: RowBlock | undefined): string[] {
  const rows: string[] = [];
  for (let i = 0; i < (block?.rowCount ?? 0); i++) {
    if (block === undefined) break;
    const cursor = new CellBlockCursor();
    cursor.reset(block.buffer, block.rowStarts[i] ?? 0, block.rowStarts[i + 1] ?? 0);
    const keys = new Set<string>();
    let qualifiers = '';
    while (cursor.next()) {
      keys.add(block.buffer.toString('latin1', cursor.rowStart, cursor.rowStart + cursor.rowLength));
      qualifiers += block.buffer.toString(
        'latin1',
        cursor.qualifierStart,
        cursor.qualifierStart + cursor.qualifierLength,
      );
    }
    rows.push(`${[...keys].join('+')}:${qualifiers}`);
  }
  return rows;
}

describe('row assembler', () => {
  it('gives whole rows where they lie', () => {
    const assembler = new RowAssembler();
    const [block, layout] = respond([
      { row: 'a', cells: '12' },
      { row: 'b', cells: '1' },
    ]);
    const rows = assembler.accept(block, layout, false);
    expect(rowsIn(rows)).toEqual(['a:12', 'b:1']);
    expect(rows?.buffer).toBe(block.buffer);
    expect(assembler.lastRow?.toString()).toBe('b');
  });

  it.each([0, 10, 1000])(
    'joins a row cut between two responses, with %i bytes free before the second',
    (room) => {
      const assembler = new RowAssembler();
      const first = assembler.accept(
        ...respond([
          { row: 'a', cells: '1' },
          { row: 'b', cells: '12', partial: true },
        ]),
        false,
      );
      expect(rowsIn(first)).toEqual(['a:1']);
      expect(assembler.lastRow?.toString()).toBe('a');
      const second = assembler.accept(
        ...respond(
          [
            { row: 'b', cells: '345' },
            { row: 'c', cells: '1' },
          ],
          room,
        ),
        false,
      );
      expect(rowsIn(second)).toEqual(['b:12345', 'c:1']);
    },
  );

  it('takes a held row for complete when another row follows', () => {
    const assembler = new RowAssembler();
    expect(assembler.accept(...respond([{ row: 'a', cells: '12', partial: true }]), false)).toBeUndefined();
    expect(rowsIn(assembler.accept(...respond([{ row: 'b', cells: '1' }]), false))).toEqual(['a:12', 'b:1']);
  });

  it('joins a row that goes over many responses', () => {
    const assembler = new RowAssembler();
    for (const cells of ['12', '34', '56']) {
      expect(assembler.accept(...respond([{ row: 'a', cells, partial: true }], 5), false)).toBeUndefined();
    }
    expect(rowsIn(assembler.accept(...respond([{ row: 'a', cells: '7' }], 5), false))).toEqual(['a:1234567']);
  });

  it('keeps the held row over heartbeats, with and without results', () => {
    const assembler = new RowAssembler();
    assembler.accept(...respond([{ row: 'a', cells: '1', partial: true }]), false);
    expect(assembler.accept(...respond([]), false)).toBeUndefined();
    expect(assembler.accept(...respond([{ row: 'a', cells: '2', partial: true }]), false)).toBeUndefined();
    expect(rowsIn(assembler.accept(...respond([]), true))).toEqual(['a:12']);
  });

  it('completes the open row at the end of the region, in every shape', () => {
    const assembler = new RowAssembler();
    expect(rowsIn(assembler.accept(...respond([{ row: 'a', cells: '1', partial: true }]), true))).toEqual([
      'a:1',
    ]);
    assembler.accept(...respond([{ row: 'b', cells: '1', partial: true }]), false);
    expect(rowsIn(assembler.accept(...respond([{ row: 'b', cells: '2', partial: true }]), true))).toEqual([
      'b:12',
    ]);
    expect(assembler.accept(...respond([]), true)).toBeUndefined();
  });

  it('joins the pieces that a batch limit makes within one response', () => {
    const assembler = new RowAssembler();
    const pieces = respond([
      { row: 'a', cells: '1', partial: true },
      { row: 'a', cells: '2' },
      { row: 'b', cells: '1', partial: true },
      { row: 'c', cells: '1' },
    ]);
    expect(rowsIn(assembler.accept(...pieces, false))).toEqual(['a:12', 'b:1', 'c:1']);
  });

  it('forgets the held row when the scanner is lost', () => {
    const assembler = new RowAssembler();
    assembler.accept(
      ...respond([
        { row: 'a', cells: '1' },
        { row: 'b', cells: '1', partial: true },
      ]),
      false,
    );
    assembler.dropHeld();
    expect(assembler.lastRow?.toString()).toBe('a');
    expect(rowsIn(assembler.accept(...respond([{ row: 'b', cells: '12' }]), false))).toEqual(['b:12']);
  });

  it('refuses rows that come again or out of order', () => {
    const assembler = new RowAssembler();
    assembler.accept(...respond([{ row: 'b', cells: '1' }]), false);
    expect(() => assembler.accept(...respond([{ row: 'b', cells: '1' }]), false)).toThrow(
      /row 62 came after row 62/,
    );
  });

  it('refuses a block with cells that no result counts', () => {
    const [block, layout] = respond([{ row: 'a', cells: '12' }]);
    layout.cellCounts[0] = 1;
    expect(() => new RowAssembler().accept(block, layout, false)).toThrow(/belong to no row/);
  });

  it('gives the same rows however the server cuts them', () => {
    const anyRows = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(anyRows, fc.infiniteStream(fc.nat(5)), (cellsPerRow, cuts) => {
        const expected = cellsPerRow.map((cells, index) => ({
          row: `row${String(index).padStart(3, '0')}`,
          cells: 'abcdef'.slice(0, cells),
        }));
        const results = expected.flatMap(({ row, cells }) => cutRow(row, cells, cuts));
        const assembler = new RowAssembler();
        const seen: string[] = [];
        while (results.length > 0) {
          const some = results.splice(0, 1 + nextOf(cuts));
          const room = nextOf(cuts) * 40;
          seen.push(...rowsIn(assembler.accept(...respond(some, room), results.length === 0)));
        }
        expect(seen).toEqual(expected.map(({ row, cells }) => `${row}:${cells}`));
      }),
    );
  });
});

const nextOf = (stream: Iterator<number>): number => stream.next().value as number;

/** One row as one or more results, all but the last of them partial. */
function cutRow(row: string, cells: string, cuts: Iterator<number>): Result[] {
  const pieces: Result[] = [];
  for (let at = 0; at < cells.length;) {
    const end = Math.min(cells.length, at + 1 + nextOf(cuts));
    pieces.push({ row, cells: cells.slice(at, end), partial: end < cells.length });
    at = end;
  }
  return pieces;
}
