// A row's changes that are made together or not at all, and only if one of its columns holds what is expected.
// MultiRequest{1* RegionAction{1! RegionSpecifier 2 bool atomic 3* Action{1 index 2 MutationProto}} 3 Condition}
// MultiResponse{1* RegionActionResult{1* … 2 NameBytesPair exception} 2 bool processed}
// Condition{1! row 2 family 3 qualifier 4 enum compare EQUAL=2 5 Comparator{1! string class 2 bytes BinaryComparator}}
// BinaryComparator{1! ByteArrayComparable{1 bytes value}}; no bytes = the column is not there. HBase before 2.4 knows the condition
// of the whole request only (field 3), later ones take it there, too.
import { ProtoReader } from '../wire/proto-reader.ts';
import { encodeMessage } from '../wire/proto-writer.ts';
import type { ProtoWriter } from '../wire/proto-writer.ts';
import { readComparator, writeBinaryComparator } from './comparator.ts';
import { writeMutation } from './mutation.ts';
import type { Mutation } from './mutation.ts';
import { writeRegionByName } from './region-info.ts';

export interface Condition {
  readonly row: Uint8Array;
  readonly family: Uint8Array;
  readonly qualifier: Uint8Array;
  /** No bytes: the column must not be there. */
  readonly value: Uint8Array;
}

export interface CheckAndMutate {
  readonly condition: Condition;
  /** All of the condition's row; the server makes them one change. */
  readonly mutations: readonly Mutation[];
}

const equal = 2;

export function encodeCheckAndMutate(
  regionName: Uint8Array,
  { condition, mutations }: CheckAndMutate,
): Buffer {
  return encodeMessage((writer) => {
    writer.message(1, (region) => {
      region.message(1, writeRegionByName(regionName)).bool(2, true);
      for (const [index, mutation] of mutations.entries())
        region.message(3, (action) => action.uint32(1, index).message(2, writeMutation(mutation)));
    });
    writer.message(3, writeCondition(condition));
  });
}

function writeCondition({ row, family, qualifier, value }: Condition): (writer: ProtoWriter) => void {
  return (writer) =>
    writer
      .bytes(1, row)
      .bytes(2, family)
      .bytes(3, qualifier)
      .uint32(4, equal)
      .message(5, writeBinaryComparator(value));
}

/** The condition of a Multi as a server reads it; undefined: it has none. */
export function decodeCondition(request: Uint8Array): Condition | undefined {
  const found = messageOf(request, 3);
  if (found === undefined) return undefined;
  const reader = new ProtoReader(found);
  const none: Buffer = Buffer.alloc(0);
  const condition = { row: none, family: none, qualifier: none, value: none };
  while (reader.next()) {
    if (reader.field === 1) condition.row = Buffer.from(reader.bytes());
    else if (reader.field === 2) condition.family = Buffer.from(reader.bytes());
    else if (reader.field === 3) condition.qualifier = Buffer.from(reader.bytes());
    else if (reader.field === 5) condition.value = readComparator(reader.bytes()).value;
    else reader.skip();
  }
  return condition;
}

/** Was the condition met? */
export function decodeProcessed(response: Uint8Array): boolean {
  const reader = new ProtoReader(response);
  while (reader.next()) {
    if (reader.field === 2) return reader.bool();
    reader.skip();
  }
  return false;
}

/** Of a request whose condition was not met; the answer to a met one is `encodeMultiResponse` and this behind it. */
export function encodeProcessed(processed: boolean): Buffer {
  return encodeMessage((writer) => writer.bool(2, processed));
}

function messageOf(bytes: Uint8Array, field: number): Buffer | undefined {
  const reader = new ProtoReader(bytes);
  while (reader.next()) {
    if (reader.field === field) return reader.bytes();
    reader.skip();
  }
  return undefined;
}
