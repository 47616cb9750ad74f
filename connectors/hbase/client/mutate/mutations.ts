// Puts and deletes of one row, as `HBaseClient.mutateRows` and `batch` take them. Text stands for its UTF-8 bytes.
import { latestTimestamp } from '../wire/cell-block.ts';
import type { Cell, CellType } from '../wire/cell-block.ts';
import type { Mutation } from '../messages/mutation.ts';

export type Bytes = Uint8Array | string;

export interface PutColumn {
  readonly family: Bytes;
  readonly qualifier: Bytes;
  readonly value: Bytes;
  /** ms; default: the region server's clock. */
  readonly timestamp?: bigint;
}

/** What a delete takes away. Without `timestamp`: up to the region server's clock; `version`: the newest one. */
export type DeleteMark =
  /** All versions of a column up to a time. */
  | {
      readonly kind: 'column';
      readonly family: Bytes;
      readonly qualifier: Bytes;
      readonly timestamp?: bigint;
    }
  /** One version of a column. */
  | {
      readonly kind: 'version';
      readonly family: Bytes;
      readonly qualifier: Bytes;
      readonly timestamp?: bigint;
    }
  /** All columns of a family up to a time. */
  | { readonly kind: 'family'; readonly family: Bytes; readonly timestamp?: bigint }
  /** All columns of a family at one time exactly. */
  | { readonly kind: 'family-version'; readonly family: Bytes; readonly timestamp: bigint };

/** Writes columns of a row, all or none. */
export function putRow(row: Bytes, columns: readonly PutColumn[]): Mutation {
  const key = bytesOf(row);
  const cells = columns.map(({ family, qualifier, value, timestamp = latestTimestamp }) => ({
    row: key,
    family: bytesOf(family),
    qualifier: bytesOf(qualifier),
    timestamp,
    type: 'put' as const,
    value: bytesOf(value),
  }));
  return { kind: 'put', row: key, cells };
}

/** Deletes all families of a row, up to `timestamp` or the region server's clock. */
export function deleteRow(row: Bytes, timestamp?: bigint): Mutation {
  return { kind: 'delete', row: bytesOf(row), cells: [], ...(timestamp === undefined ? {} : { timestamp }) };
}

/** Deletes parts of a row, all or none of them. */
export function deleteCells(row: Bytes, marks: readonly DeleteMark[]): Mutation {
  const key = bytesOf(row);
  return { kind: 'delete', row: key, cells: marks.map((mark) => markerCell(key, mark)) };
}

const cellTypeOf: Readonly<Record<DeleteMark['kind'], CellType>> = {
  column: 'deleteColumn',
  version: 'deleteVersion',
  family: 'deleteFamily',
  'family-version': 'deleteFamilyVersion',
};

function markerCell(row: Uint8Array, mark: DeleteMark): Cell {
  return {
    row,
    family: bytesOf(mark.family),
    qualifier: 'qualifier' in mark ? bytesOf(mark.qualifier) : new Uint8Array(0),
    timestamp: mark.timestamp ?? latestTimestamp,
    type: cellTypeOf[mark.kind],
    value: new Uint8Array(0),
  };
}

export function bytesOf(bytes: Bytes): Uint8Array {
  return typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
}
