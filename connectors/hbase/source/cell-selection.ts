// Which cells a server sends. Naming the columns would hide every row that holds none of them, and a source row is a target row
// all the same. So whole rows are asked for, or, of rows much wider than the mapping, the first cell and the mapped columns: a
// filter that costs the servers about what sending everything does, but the network and us next to nothing.
import type { SourceColumn } from '../mapping/column-name.ts';
import { bytesOfName } from '../mapping/column-name.ts';
import type { MappedField } from '../mapping/field-mapping.ts';
import { namesColumn, needsWholeRow } from '../mapping/pseudo-field.ts';
import type { CellSelection } from '../client/messages/selection.ts';
import type { TableSample } from '../plan/table-sample.ts';

/** Below this share of a row's bytes the rest is not sent. */
const narrowShare = 0.1;

type Columns = readonly (SourceColumn | null)[];

/** Is the mapping so small a part of the sampled rows that the rest should stay on the servers? */
export function isNarrow(fields: readonly MappedField[], columns: Columns, sample: TableSample): boolean {
  if (fields.some(needsWholeRow)) return false;
  const names = new Set(
    columns.map((column) => (column === null ? '' : `${column.family}:${column.qualifier}`)),
  );
  let [mapped, all] = [0, 0];
  for (const [name, bytes] of sample.columns) {
    all += bytes;
    if (names.has(name)) mapped += bytes;
  }
  return mapped < all * narrowShare && columns.every((column) => column?.qualifier !== '');
}

export const wholeRows: CellSelection = {};

/** The first cell of each row, and all columns with a mapped name, of any family: the decoder takes its own and sees contradictions. */
export function mappedCells(fields: readonly MappedField[]): CellSelection {
  const prefixes = [...new Set(fields.filter(namesColumn).map(({ qualifier }) => qualifier))]
    .map(bytesOfName)
    .sort((a, b) => a.compare(b));
  const first = { kind: 'first-key-only' } as const;
  if (prefixes.length === 0) return { filter: first };
  return { filter: { kind: 'any', filters: [first, { kind: 'column-prefixes', prefixes }] } };
}

/** What these fields need of each row, and a cell of it in any case. */
export function cellsOf(
  fields: readonly { readonly field: MappedField; readonly column: SourceColumn | null }[],
): CellSelection {
  const isWhole = fields.some(({ field, column }) => needsWholeRow(field) || column?.qualifier === '');
  return isWhole ? wholeRows : mappedCells(fields.map(({ field }) => field));
}
