// How a row of the double changes: puts, versions, deletes.
import { describe, expect, it } from 'vitest';
import {
  CellBlockCursor,
  encodeCells,
  latestTimestamp,
  skipCells,
} from '../../../connectors/hbase/client/wire/cell-block.ts';
import type { CellType } from '../../../connectors/hbase/client/wire/cell-block.ts';
import { changeRow, compactRow, flushRow } from '../../../src/demo/hbase-double/stored-row.ts';
import type { StoredRow } from '../../../src/demo/hbase-double/stored-row.ts';

interface Change {
  readonly type?: CellType;
  readonly column: string;
  readonly at?: number;
  readonly value?: string;
}

const key = Buffer.from('r');
const now = 5_000;

function change(row: StoredRow | undefined, cells: readonly Change[], versions = 1): StoredRow | undefined {
  const encoded = encodeCells(
    cells.map(({ type = 'put', column, at, value = '' }) => ({
      row: key,
      family: Buffer.from(column.split(':')[0] ?? ''),
      qualifier: Buffer.from(column.split(':')[1] ?? ''),
      timestamp: at === undefined ? latestTimestamp : BigInt(at),
      type,
      value: Buffer.from(value),
    })),
  );
  return changeRow({ row, key, cells: encoded, now, versionsOf: () => versions });
}

/** `column@timestamp=value`, in the order of the bytes. */
function shown(row: StoredRow | undefined): string[] {
  const cursor = new CellBlockCursor();
  const cells: string[] = [];
  const block = row?.cells ?? Buffer.alloc(0);
  cursor.reset(block, 0, block.length);
  while (cursor.next()) {
    const { familyStart, familyLength, qualifierStart, qualifierLength, valueStart, valueLength } = cursor;
    const text = (start: number, length: number): string => block.toString('utf8', start, start + length);
    const column = `${text(familyStart, familyLength)}:${text(qualifierStart, qualifierLength)}`;
    cells.push(`${column}@${cursor.timestampMs()}=${text(valueStart, valueLength)}`);
  }
  expect(cells).toHaveLength(row?.cellCount ?? 0);
  return cells;
}

/** The row as a raw scan sees it. */
function raw(row: StoredRow | undefined): StoredRow {
  const cells = row?.raw ?? Buffer.alloc(0);
  let cellCount = 0;
  for (let at = 0; at < cells.length; at = skipCells(cells, at, 1, cells.length)) cellCount += 1;
  return { key, cells, cellCount };
}

describe('a row of the double', () => {
  it('keeps its cells in order, whatever order they came in, and stamps them by its clock', () => {
    const row = change(undefined, [
      { column: 'x:a', value: '1' },
      { column: 'd:b', value: '2', at: 7 },
      { column: 'd:a', value: '3' },
    ]);
    expect(shown(row)).toEqual(['d:a@5000=3', 'd:b@7=2', 'x:a@5000=1']);
  });

  it('keeps the newest version, and as many more as its family has', () => {
    const old = change(undefined, [{ column: 'd:a', at: 10, value: 'old' }]);
    expect(shown(change(old, [{ column: 'd:a', at: 20, value: 'new' }]))).toEqual(['d:a@20=new']);
    expect(shown(change(old, [{ column: 'd:a', at: 5, value: 'older' }]))).toEqual(['d:a@10=old']);
    expect(shown(change(old, [{ column: 'd:a', at: 20, value: 'new' }], 2))).toEqual([
      'd:a@20=new',
      'd:a@10=old',
    ]);
    expect(shown(change(old, [{ column: 'd:a', at: 10, value: 'again' }], 2))).toEqual(['d:a@10=again']);
  });

  it.each([
    ['deleteVersion', 'd:a', 10, ['d:a@20=2', 'd:b@10=3', 'x:a@10=4']],
    ['deleteColumn', 'd:a', 20, ['d:b@10=3', 'x:a@10=4']],
    ['deleteColumn', 'd:a', 15, ['d:a@20=2', 'd:b@10=3', 'x:a@10=4']],
    ['deleteFamily', 'd:', 15, ['d:a@20=2', 'x:a@10=4']],
    ['deleteFamily', 'd:', undefined, ['x:a@10=4']],
    ['deleteFamilyVersion', 'd:', 10, ['d:a@20=2', 'x:a@10=4']],
  ] as const)('%s of %s at %s takes away what HBase would hide', (type, column, at, left) => {
    const row = change(
      undefined,
      [
        { column: 'd:a', at: 10, value: '1' },
        { column: 'd:a', at: 20, value: '2' },
        { column: 'd:b', at: 10, value: '3' },
        { column: 'x:a', at: 10, value: '4' },
      ],
      2,
    );
    expect(shown(change(row, [{ type, column, ...(at === undefined ? {} : { at }) }], 2))).toEqual(left);
  });

  it('whose cells are all deleted shows none, and is gone after a major compaction', () => {
    const row = change(undefined, [{ column: 'd:a' }]);
    const deleted = change(row, [{ type: 'deleteFamily', column: 'd:' }]);
    expect(shown(deleted)).toEqual([]);
    expect(shown(raw(deleted))).toEqual(['d:@5000=', 'd:a@5000=']);
    expect(deleted && compactRow(deleted)).toBeUndefined();
  });

  it('a flush drops what markers hide, a major compaction the markers; until then they hide older puts that come later', () => {
    const row = change(undefined, [
      { column: 'd:a', at: 10, value: '1' },
      { column: 'd:b', at: 30, value: '2' },
    ]);
    const deleted = change(row, [{ type: 'deleteFamily', column: 'd:', at: 20 }]);
    const flushed = deleted && flushRow(deleted);
    expect(shown(raw(flushed))).toEqual(['d:@20=', 'd:b@30=2']);
    const late = [{ column: 'd:a', at: 15, value: 'late' }] as const;
    expect(shown(change(flushed, late))).toEqual(['d:b@30=2']);
    expect(shown(change(flushed && compactRow(flushed), late))).toEqual(['d:a@15=late', 'd:b@30=2']);
  });

  it('a delete of the newest version takes that one, and writes it down', () => {
    const row = change(
      undefined,
      [
        { column: 'd:a', at: 10, value: '1' },
        { column: 'd:a', at: 20, value: '2' },
      ],
      2,
    );
    const deleted = change(row, [{ type: 'deleteVersion', column: 'd:a' }], 2);
    expect(shown(deleted)).toEqual(['d:a@10=1']);
    expect(shown(raw(deleted))).toEqual(['d:a@20=', 'd:a@20=2', 'd:a@10=1']);
    expect(shown(change(deleted, [{ type: 'deleteVersion', column: 'd:a' }], 2))).toEqual([]);
  });
});
