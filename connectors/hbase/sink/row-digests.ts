// What the target holds of rows once the open unit's rows, which are put when its work is done, are there: the unit's own cells in their
// order, and under them what HBase has of those that the unit leaves as they are.
import { digestRow } from '../../../src/core/row-digest.ts';
import type { RowBatch } from '../../../src/core/connector/sink-store.ts';
import type { HBaseClient } from '../client/client.ts';
import { CellBlockCursor, cellTypes, rowKeyAt } from '../client/wire/cell-block.ts';
import type { PreparedTable } from './prepare-table.ts';
import type { SinkPlan } from './sink-plan.ts';
import { rowKeys } from './sink-rows.ts';
import type { EncodedRows } from './sink-rows.ts';

/** Column (`family:qualifier`) → value; null: it is removed. */
type RowCells = Map<string, Buffer | null>;

interface Table {
  readonly name: string;
  readonly prepared: PreparedTable;
  /** Of the unit, in their order. */
  readonly written: readonly EncodedRows[];
  readonly signal: AbortSignal;
}

export async function digestRows(
  client: HBaseClient,
  table: Table,
  batch: RowBatch,
): Promise<readonly (string | null)[]> {
  const { plan } = table.prepared;
  const columns = plan.fields.map(({ family, qualifier }) => nameOf(family, qualifier));
  const keys = rowKeys(plan, batch).map((row) => row?.toString('latin1') ?? null);
  const asked = new Set(keys.filter((key) => key !== null));
  const own = new Map<string, RowCells | 'unreadable'>();
  for (const key of asked) own.set(key, cellsOfUnit(table.written, key, plan));
  const open = [...asked].filter((key) => {
    const cells = own.get(key);
    return cells instanceof Map && !columns.every((column) => cells.has(column));
  });
  const there = await readCells(client, table, open);
  return keys.map((key) => {
    if (key === null) return null;
    const cells = own.get(key);
    if (cells === 'unreadable') return '';
    const all = new Map([...(there.get(key) ?? []), ...(cells ?? [])]);
    if ([...all.values()].every((value) => value === null)) return null;
    // Other columns of the row are others' affair.
    return digestRow(columns.map((column) => all.get(column) ?? null));
  });
}

/** A row that is not there has none. */
async function readCells(
  client: HBaseClient,
  { name, prepared, signal }: Table,
  keys: readonly string[],
): Promise<ReadonlyMap<string, RowCells>> {
  const rows = new Map<string, RowCells>();
  if (keys.length === 0) return rows;
  const families = prepared.families.map((each) => ({ family: Buffer.from(each) }));
  const gets = keys.map((key) => ({ row: Buffer.from(key, 'latin1'), families }));
  const found = await client.getRows(name, gets, { signal });
  const cursor = new CellBlockCursor();
  for (const { buffer, start, end } of found.rows) {
    if (start === end) continue;
    const cells: RowCells = new Map();
    cursor.reset(buffer, start, end);
    while (cursor.next()) cells.set(columnAt(buffer, cursor), valueAt(buffer, cursor));
    rows.set(rowKeyAt(buffer, start).toString('latin1'), cells);
  }
  found.release();
  return rows;
}

/** Cells that bear a time of their own may lie under those that are there: HBase decides which it shows. */
function cellsOfUnit(written: readonly EncodedRows[], key: string, plan: SinkPlan): RowCells | 'unreadable' {
  const cells: RowCells = new Map();
  for (const each of written)
    for (const index of mutationsOf(each).get(key) ?? []) {
      if (each.dated) return 'unreadable';
      changeCells(cells, each, { index, plan });
    }
  return cells;
}

function changeCells(
  cells: RowCells,
  { block }: EncodedRows,
  { index, plan }: { readonly index: number; readonly plan: SinkPlan },
): void {
  const { bytes } = block.out;
  const cursor = new CellBlockCursor();
  cursor.reset(bytes, block.startOf(index), block.startOf(index + 1));
  while (cursor.next()) {
    const column = columnAt(bytes, cursor);
    if (cursor.type === cellTypes.put) cells.set(column, valueAt(bytes, cursor));
    else if (cursor.type === cellTypes.deleteColumn) cells.set(column, null);
    else
      for (const { family, qualifier } of plan.fields) {
        const name = nameOf(family, qualifier);
        if (name.startsWith(column)) cells.set(name, null);
      }
  }
}

const known = new WeakMap<EncodedRows, ReadonlyMap<string, readonly number[]>>();

/** Row key → its mutations in the block: made once, however many rows of it are asked for. */
function mutationsOf(rows: EncodedRows): ReadonlyMap<string, readonly number[]> {
  const made = known.get(rows);
  if (made !== undefined) return made;
  const { block } = rows;
  const found = new Map<string, number[]>();
  for (let index = 0; index < block.size; index += 1) {
    const key = block.out.bytes.toString('latin1', block.rowStart(index), block.rowEnd(index));
    const those = found.get(key);
    if (those === undefined) found.set(key, [index]);
    else those.push(index);
  }
  known.set(rows, found);
  return found;
}

function nameOf(family: Buffer, qualifier: Buffer): string {
  return `${family.toString('latin1')}:${qualifier.toString('latin1')}`;
}

/** Of a marker of a whole family: `family:`. */
function columnAt(buffer: Buffer, at: CellBlockCursor): string {
  return nameOf(
    buffer.subarray(at.familyStart, at.familyStart + at.familyLength),
    buffer.subarray(at.qualifierStart, at.qualifierStart + at.qualifierLength),
  );
}

/** A copy: the answer's memory is given back. */
function valueAt(buffer: Buffer, { valueStart, valueLength }: CellBlockCursor): Buffer {
  return Buffer.from(buffer.subarray(valueStart, valueStart + valueLength));
}
