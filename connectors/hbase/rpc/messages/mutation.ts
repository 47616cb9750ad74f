// MutationProto{1 row 2 enum PUT2 DELETE3 6 enum durability 8 int32 associated_cell_count}: the cells are in the request's cell
// block, in the order of the mutations; a delete's kind is the type of its cells.
import { ProtoReader } from '../proto-reader.ts';
import type { ProtoWriter } from '../proto-writer.ts';
import type { Cell } from '../cell-block.ts';

/** One row's change; all its cells have `row` as their row. */
export interface Mutation {
  readonly kind: 'put' | 'delete';
  readonly row: Uint8Array;
  /** At least one. A put holds cells of type `put`, a delete cells of the delete types. */
  readonly cells: readonly Cell[];
}

const mutateTypes = { put: 2, delete: 3 } as const;

export function writeMutation(mutation: Mutation): (writer: ProtoWriter) => void {
  return (writer) =>
    writer.bytes(1, mutation.row).uint32(2, mutateTypes[mutation.kind]).int32(8, mutation.cells.length);
}

export interface MutationHead {
  readonly row: Buffer;
  readonly kind: 'put' | 'delete' | 'other';
  /** Cells of the cell block that belong to it. */
  readonly cellCount: number;
}

export function readMutation(bytes: Uint8Array): MutationHead {
  const reader = new ProtoReader(bytes);
  let [row, type, cellCount] = [Buffer.alloc(0), 0, 0];
  while (reader.next()) {
    if (reader.field === 1) row = Buffer.from(reader.bytes());
    else if (reader.field === 2) type = reader.uint32();
    else if (reader.field === 8) cellCount = reader.int32();
    else reader.skip();
  }
  const kind = type === mutateTypes.put ? 'put' : type === mutateTypes.delete ? 'delete' : 'other';
  return { row, kind, cellCount };
}
