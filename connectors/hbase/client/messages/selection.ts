// Which cells of a row a Get or Scan asks for.
// Column{1! bytes family 2* bytes qualifier}   TimeRange{1 uint64 from(incl) 2 uint64 to(EXCL)}
import { ProtoReader } from '../wire/proto-reader.ts';
import type { ProtoWriter } from '../wire/proto-writer.ts';
import type { Filter } from './filter.ts';

export interface FamilySelection {
  readonly family: Uint8Array;
  /** None = all columns of the family. */
  readonly qualifiers?: readonly Uint8Array[];
}

/** Cells written at `from` ≤ timestamp < `to`, in ms. */
export interface TimeRange {
  readonly from: bigint;
  readonly to: bigint;
}

export interface CellSelection {
  /** None = all families. A family that the table lacks makes the server refuse. */
  readonly families?: readonly FamilySelection[];
  readonly timeRange?: TimeRange;
  /** Newest versions per column; default 1. */
  readonly maxVersions?: number;
  readonly filter?: Filter;
}

export function writeFamilySelection(selection: FamilySelection): (writer: ProtoWriter) => void {
  return (writer) => {
    writer.bytes(1, selection.family);
    for (const qualifier of selection.qualifiers ?? []) writer.bytes(2, qualifier);
  };
}

export function readFamilySelection(bytes: Uint8Array): FamilySelection {
  const reader = new ProtoReader(bytes);
  let family = Buffer.alloc(0);
  const qualifiers: Buffer[] = [];
  while (reader.next()) {
    if (reader.field === 1) family = Buffer.from(reader.bytes());
    else if (reader.field === 2) qualifiers.push(Buffer.from(reader.bytes()));
    else reader.skip();
  }
  return { family, qualifiers };
}

export function writeTimeRange(range: TimeRange | undefined): ((writer: ProtoWriter) => void) | undefined {
  return range === undefined ? undefined : (writer) => writer.uint64(1, range.from).uint64(2, range.to);
}

export function readTimeRange(bytes: Uint8Array): TimeRange {
  const reader = new ProtoReader(bytes);
  let [from, to] = [0n, 0x7fffffffffffffffn];
  while (reader.next()) {
    if (reader.field === 1) from = reader.uint64();
    else if (reader.field === 2) to = reader.uint64();
    else reader.skip();
  }
  return { from, to };
}
