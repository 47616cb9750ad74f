// MutationProto{1 row 2 enum PUT2 DELETE3 4 uint64 timestamp 6 enum durability 8 int32 associated_cell_count}: the cells are in the
// request's cell block, in the order of the mutations; a delete's kind is the type of its cells, and without cells it is all families.
import { ProtoReader } from '../wire/proto-reader.ts';
import type { ProtoWriter } from '../wire/proto-writer.ts';
import type { Cell } from '../wire/cell-block.ts';

/** One row's change; all its cells have `row` as their row. */
export interface Mutation {
  readonly kind: 'put' | 'delete';
  readonly row: Uint8Array;
  /** A put holds cells of type `put`, at least one; a delete cells of the delete types, or none: then it is the whole row. */
  readonly cells: readonly Cell[];
  /** Of a delete without cells, ms; default: the server's clock. */
  readonly timestamp?: bigint;
}

const mutateTypes = { put: 2, delete: 3 } as const;

export function writeMutation(mutation: Mutation): (writer: ProtoWriter) => void {
  return (writer) =>
    writer
      .bytes(1, mutation.row)
      .uint32(2, mutateTypes[mutation.kind])
      .uint64(4, mutation.timestamp)
      .int32(8, mutation.cells.length);
}

export interface MutationHead {
  readonly row: Buffer;
  readonly kind: 'put' | 'delete' | 'other';
  /** Cells of the cell block that belong to it. */
  readonly cellCount: number;
  /** Of a delete of the whole row. */
  readonly timestamp: bigint | undefined;
}

export function readMutation(bytes: Uint8Array): MutationHead {
  const reader = new ProtoReader(bytes);
  let [row, type, cellCount] = [Buffer.alloc(0), 0, 0];
  let timestamp: bigint | undefined;
  while (reader.next()) {
    if (reader.field === 1) row = Buffer.from(reader.bytes());
    else if (reader.field === 2) type = reader.uint32();
    else if (reader.field === 4) timestamp = reader.uint64();
    else if (reader.field === 8) cellCount = reader.int32();
    else reader.skip();
  }
  const kind = type === mutateTypes.put ? 'put' : type === mutateTypes.delete ? 'delete' : 'other';
  return { row, kind, cellCount, timestamp };
}
