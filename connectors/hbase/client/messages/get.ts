// GetRequest{1! RegionSpecifier 2! Get}  GetResponse{1 Result}
// Get{1! row 2* Column 4 Filter 5 TimeRange 6 max_versions=1 7 cache_blocks=true 10 existence_only}
// Result{1* Cell 2 int32 associated_cell_count 3 bool exists}: with a codec the cells are in the cell block, counted by field 2.
import { ProtoReader } from '../wire/proto-reader.ts';
import { encodeMessage } from '../wire/proto-writer.ts';
import type { ProtoWriter } from '../wire/proto-writer.ts';
import { readFilter, writeFilter } from './filter.ts';
import type { Filter } from './filter.ts';
import { readRegionSpecifier, writeRegionByName } from './region-info.ts';
import { readFamilySelection, readTimeRange, writeFamilySelection, writeTimeRange } from './selection.ts';
import type { CellSelection, FamilySelection, TimeRange } from './selection.ts';

export interface Get extends CellSelection {
  readonly row: Uint8Array;
  readonly cacheBlocks?: boolean;
  /** Ask only whether the row has such cells; none are sent. */
  readonly existenceOnly?: boolean;
}

export function encodeGetRequest(regionName: Uint8Array, get: Get): Buffer {
  return encodeMessage((writer) =>
    writer.message(1, writeRegionByName(regionName)).message(2, writeGet(get)),
  );
}

export function decodeGetRequest(bytes: Uint8Array): { regionName: Buffer; get: Get } {
  const reader = new ProtoReader(bytes);
  let regionName: Buffer = Buffer.alloc(0);
  let get: Get = { row: regionName };
  while (reader.next()) {
    if (reader.field === 1) regionName = readRegionSpecifier(reader.bytes()).name;
    else if (reader.field === 2) get = readGet(reader.bytes());
    else reader.skip();
  }
  return { regionName, get };
}

export function writeGet(get: Get): (writer: ProtoWriter) => void {
  return (writer) => {
    writer.bytes(1, get.row);
    for (const selection of get.families ?? []) writer.message(2, writeFamilySelection(selection));
    if (get.filter !== undefined) writer.message(4, writeFilter(get.filter));
    writer.message(5, writeTimeRange(get.timeRange)).uint32(6, get.maxVersions).bool(7, get.cacheBlocks);
    writer.bool(10, get.existenceOnly);
  };
}

export function readGet(bytes: Uint8Array): Get {
  const reader = new ProtoReader(bytes);
  const families: FamilySelection[] = [];
  let row = Buffer.alloc(0);
  let filter: Filter | undefined;
  let timeRange: TimeRange | undefined;
  let [maxVersions, cacheBlocks, existenceOnly] = [1, true, false];
  while (reader.next()) {
    if (reader.field === 1) row = Buffer.from(reader.bytes());
    else if (reader.field === 2) families.push(readFamilySelection(reader.bytes()));
    else if (reader.field === 4) filter = readFilter(reader.bytes());
    else if (reader.field === 5) timeRange = readTimeRange(reader.bytes());
    else if (reader.field === 6) maxVersions = reader.uint32();
    else if (reader.field === 7) cacheBlocks = reader.bool();
    else if (reader.field === 10) existenceOnly = reader.bool();
    else reader.skip();
  }
  return {
    row,
    families,
    maxVersions,
    cacheBlocks,
    ...(existenceOnly && { existenceOnly }),
    ...(filter && { filter }),
    ...(timeRange && { timeRange }),
  };
}

/** What a Result says beside its cells, which are in the cell block. */
export interface ResultHead {
  /** Cells of the cell block that belong to it. */
  readonly cellCount: number;
  /** Answer to `existenceOnly`. */
  readonly exists?: boolean;
}

export function readResult(bytes: Uint8Array): ResultHead {
  const reader = new ProtoReader(bytes);
  let cellCount = 0;
  let exists: boolean | undefined;
  while (reader.next()) {
    if (reader.field === 2) cellCount = reader.int32();
    else if (reader.field === 3) exists = reader.bool();
    else reader.skip();
  }
  return { cellCount, ...(exists === undefined ? {} : { exists }) };
}

export function writeResult({ cellCount, exists }: ResultHead): (writer: ProtoWriter) => void {
  return (writer) => writer.int32(2, cellCount).bool(3, exists);
}

export function decodeGetResponse(bytes: Uint8Array): number {
  const reader = new ProtoReader(bytes);
  let cells = 0;
  while (reader.next()) {
    if (reader.field === 1) cells = readResult(reader.bytes()).cellCount;
    else reader.skip();
  }
  return cells;
}

export function encodeGetResponse(cellCount: number): Buffer {
  return encodeMessage((writer) => writer.message(1, writeResult({ cellCount })));
}
