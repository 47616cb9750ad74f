// Changes of an HBase table as data, for tests that make them up: puts and deletes of every kind, each at a time of its own.
import type { Cell, CellType } from '../../connectors/hbase/client/wire/cell-block.ts';
import type { Mutation } from '../../connectors/hbase/client/messages/mutation.ts';

/** Families d and e. */
export const changedColumns = ['d:a', 'd:b', 'e:c'] as const;
export type ChangedColumn = (typeof changedColumns)[number];

export type TableChange =
  | { readonly kind: 'put'; readonly row: string; readonly columns: readonly ChangedColumn[] }
  | { readonly kind: 'row'; readonly row: string }
  | { readonly kind: 'family'; readonly row: string; readonly family: 'd' | 'e' }
  | { readonly kind: 'column'; readonly row: string; readonly column: ChangedColumn }
  /** One version: the one of this time, ms. */
  | {
      readonly kind: 'version';
      readonly row: string;
      readonly column: ChangedColumn;
      readonly version: number;
    };

/** `at`: ms. A put's values tell its time. */
export function mutationOf(change: TableChange, at: number): Mutation {
  const row = Buffer.from(change.row);
  const cell = (column: string, type: CellType, timestamp: number): Cell => ({
    row,
    family: Buffer.from(column.slice(0, 1)),
    qualifier: Buffer.from(column.slice(2)),
    timestamp: BigInt(timestamp),
    type,
    value: Buffer.from(type === 'put' ? `v${at}` : ''),
  });
  switch (change.kind) {
    case 'put':
      return { kind: 'put', row, cells: change.columns.map((column) => cell(column, 'put', at)) };
    case 'row':
      return { kind: 'delete', row, cells: ['d:', 'e:'].map((family) => cell(family, 'deleteFamily', at)) };
    case 'family':
      return { kind: 'delete', row, cells: [cell(`${change.family}:`, 'deleteFamily', at)] };
    case 'column':
      return { kind: 'delete', row, cells: [cell(change.column, 'deleteColumn', at)] };
    case 'version':
      return { kind: 'delete', row, cells: [cell(change.column, 'deleteVersion', change.version)] };
  }
}
