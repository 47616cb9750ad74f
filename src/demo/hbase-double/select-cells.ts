// Which cells of a row a Get or Scan gives: columns, time range, versions, filters.
import { CellBlockCursor } from '../../../connectors/hbase/client/wire/cell-block.ts';
import type { Comparison, Filter } from '../../../connectors/hbase/client/messages/filter.ts';
import type { CellSelection } from '../../../connectors/hbase/client/messages/selection.ts';
import { unsupported } from './double-error.ts';
import type { StoredRow } from './stored-row.ts';
import { columnAt, familyOf } from './stored-row.ts';

/** Encoded cells; `cellCount` 0: the row gives none. */
export interface Selected {
  readonly cells: Buffer;
  readonly cellCount: number;
  /** A filter kept the row back. */
  readonly filtered: boolean;
}

export type CellSelector = (row: StoredRow) => Selected;

/** `raw`: with delete markers and what they hide. Throws for a filter that the double does not know. */
export function compileSelection(selection: CellSelection, raw = false): CellSelector {
  const { families = [], timeRange, maxVersions = 1 } = selection;
  const rules = compileFilter(selection.filter);
  const isWanted = compileColumns(families);
  const from = Number(timeRange?.from ?? 0n);
  const to = Number(timeRange?.to ?? 0x7fffffffffffffffn);
  const cursor = new CellBlockCursor();
  return (row) => {
    const newest = (name: string): string | null =>
      isWanted(name) ? newestValue(row, name, { from, to }) : null;
    if (!rules.passesRow(row.key, newest)) return { cells: none, cellCount: 0, filtered: true };
    const parts: Buffer[] = [];
    let [column, versions, isFirst] = ['', 0, true];
    const block = raw ? (row.raw ?? row.cells) : row.cells;
    cursor.reset(block, 0, block.length);
    while (cursor.next()) {
      // First, as it is the cheap question: of a search by time most cells need no more.
      const timestamp = cursor.timestampMs();
      if (timestamp < from || timestamp >= to) continue;
      const own = columnAt(cursor, block);
      if (!isWanted(own)) continue;
      versions = own === column ? versions + 1 : 1;
      column = own;
      if (versions > maxVersions) continue;
      const passes = rules.passesCell(own, isFirst);
      isFirst = false;
      if (passes) parts.push(rules.keyOnly ? withoutValue(block, cursor) : cellBytes(block, cursor));
      if (rules.firstOnly) break;
    }
    // Most rows are given whole: then their bytes are handed out as they are.
    const whole = block === row.cells && parts.length === row.cellCount && !rules.keyOnly;
    const cells = whole ? block : Buffer.concat(parts);
    return { cells, cellCount: parts.length, filtered: false };
  };
}

const none = Buffer.alloc(0);

interface FilterRules {
  /** `newest`: the value of a column of the row, among the cells asked for, as latin1; null = it has none. */
  readonly passesRow: (key: Buffer, newest: (column: string) => string | null) => boolean;
  /** `isFirst`: no cell of the row came before it. */
  readonly passesCell: (column: string, isFirst: boolean) => boolean;
  /** Nothing behind the first cell can pass. */
  readonly firstOnly: boolean;
  readonly keyOnly: boolean;
}

const passAll: FilterRules = {
  passesRow: () => true,
  passesCell: () => true,
  firstOnly: false,
  keyOnly: false,
};

function compileFilter(filter: Filter | undefined): FilterRules {
  if (filter === undefined) return passAll;
  switch (filter.kind) {
    case 'all':
      return passEach(filter.filters.map(compileFilter));
    case 'any':
      return passOne(filter.filters.map(compileFilter));
    case 'key-only':
      return { ...passAll, keyOnly: true };
    case 'first-key-only':
      return { ...passAll, firstOnly: true, passesCell: (_column, isFirst) => isFirst };
    case 'random-row':
      return { ...passAll, passesRow: () => Math.random() < filter.chance };
    case 'prefix':
      return { ...passAll, passesRow: (key) => key.subarray(0, filter.prefix.length).equals(filter.prefix) };
    case 'column-prefixes': {
      const prefixes = filter.prefixes.map(latin1);
      const passesCell = (column: string): boolean =>
        prefixes.some((prefix) => column.startsWith(prefix, familyOf(column).length + 1));
      return { ...passAll, passesCell };
    }
    case 'page':
      throw unsupported('a filter of pages');
    case 'row':
      return { ...passAll, passesRow: (key) => holds(filter.compare, key.compare(filter.key)) };
    case 'column-value': {
      const column = `${latin1(filter.family)}\0${latin1(filter.qualifier)}`;
      const passesRow: FilterRules['passesRow'] = (_key, newest) => {
        const value = newest(column);
        if (value === null) return filter.passMissing;
        return holds(filter.compare, Buffer.from(value, 'latin1').compare(filter.value));
      };
      return { ...passAll, passesRow };
    }
    case 'value-not-matching': {
      const column = `${latin1(filter.family)}\0${latin1(filter.qualifier)}`;
      const pattern = new RegExp(filter.pattern, 's');
      const passesRow: FilterRules['passesRow'] = (_key, newest) => {
        const value = newest(column);
        return value !== null && !pattern.test(value);
      };
      return { ...passAll, passesRow };
    }
  }
}

/** `order`: below 0, 0 or above, as what stands in the table is to what it is compared with. */
function holds(compare: Comparison, order: number): boolean {
  switch (compare) {
    case 'less':
      return order < 0;
    case 'less-or-equal':
      return order <= 0;
    case 'equal':
      return order === 0;
    case 'not-equal':
      return order !== 0;
    case 'greater-or-equal':
      return order >= 0;
    case 'greater':
      return order > 0;
  }
}

/** Versions of a column come newest first. */
function newestValue(
  row: StoredRow,
  column: string,
  { from, to }: { from: number; to: number },
): string | null {
  const cursor = new CellBlockCursor();
  cursor.reset(row.cells, 0, row.cells.length);
  while (cursor.next()) {
    const timestamp = cursor.timestampMs();
    if (timestamp >= from && timestamp < to && columnAt(cursor, row.cells) === column)
      return row.cells.toString('latin1', cursor.valueStart, cursor.offset);
  }
  return null;
}

function passEach(rules: readonly FilterRules[]): FilterRules {
  return {
    passesRow: (key, newest) => rules.every((rule) => rule.passesRow(key, newest)),
    passesCell: (column, isFirst) => rules.every((rule) => rule.passesCell(column, isFirst)),
    firstOnly: rules.some((rule) => rule.firstOnly),
    keyOnly: rules.some((rule) => rule.keyOnly),
  };
}

function passOne(rules: readonly FilterRules[]): FilterRules {
  if (rules.some((rule) => rule.keyOnly)) throw unsupported('a filter list of which one takes values away');
  return {
    passesRow: (key, newest) => rules.some((rule) => rule.passesRow(key, newest)),
    passesCell: (column, isFirst) => rules.some((rule) => rule.passesCell(column, isFirst)),
    firstOnly: rules.every((rule) => rule.firstOnly),
    keyOnly: false,
  };
}

function compileColumns(families: NonNullable<CellSelection['families']>): (column: string) => boolean {
  if (families.length === 0) return () => true;
  const [whole, named] = [new Set<string>(), new Set<string>()];
  for (const { family, qualifiers = [] } of families) {
    const name = latin1(family);
    if (qualifiers.length === 0) whole.add(name);
    for (const qualifier of qualifiers) named.add(`${name}\0${latin1(qualifier)}`);
  }
  return (column) => named.has(column) || whole.has(familyOf(column));
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function cellBytes(block: Buffer, { cellStart, offset }: CellBlockCursor): Buffer {
  return block.subarray(cellStart, offset);
}

/** The same key with a value of no bytes. */
function withoutValue(block: Buffer, { cellStart, valueStart }: CellBlockCursor): Buffer {
  const cell = Buffer.from(block.subarray(cellStart, valueStart));
  cell.writeInt32BE(cell.length - 4, 0);
  cell.writeInt32BE(0, 8);
  return cell;
}
