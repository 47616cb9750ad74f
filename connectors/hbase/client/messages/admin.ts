// AdminService of a region server.
// FlushRegionRequest{1! RegionSpecifier}  FlushRegionResponse{1! uint64 last_flush_time 2 bool flushed}
// CompactRegionRequest{1! RegionSpecifier 2 bool major}  CompactRegionResponse{}
// GetRegionLoadRequest{1 TableName}  GetRegionLoadResponse{1* RegionLoad}
// RegionLoad{1! RegionSpecifier 2 stores 3 storefiles 4 store_uncompressed_size_MB 5 storefile_size_MB 6 mem_store_size_MB …}
// GetRegionInfoRequest{1! RegionSpecifier 2 bool compaction_state 3 bool best_split_row}
// GetRegionInfoResponse{1! RegionInfo 2 compaction_state 4 splittable 5 mergeable 6 bytes best_split_row}
import { ProtoReader } from '../wire/proto-reader.ts';
import { encodeMessage } from '../wire/proto-writer.ts';
import { readRegionSpecifier, writeRegionByName } from './region-info.ts';
import { readTableName, writeTableName } from './table-name.ts';

export function encodeFlushRegion(regionName: Uint8Array): Buffer {
  return encodeMessage((writer) => writer.message(1, writeRegionByName(regionName)));
}

export function encodeCompactRegion(regionName: Uint8Array, major: boolean): Buffer {
  return encodeMessage((writer) => writer.message(1, writeRegionByName(regionName)).bool(2, major));
}

/** Of FlushRegion and CompactRegion. */
export function decodeRegionRequest(bytes: Uint8Array): { regionName: Buffer; major: boolean } {
  const reader = new ProtoReader(bytes);
  let regionName: Buffer = Buffer.alloc(0);
  let major = false;
  while (reader.next()) {
    if (reader.field === 1) regionName = readRegionSpecifier(reader.bytes()).name;
    else if (reader.field === 2) major = reader.bool();
    else reader.skip();
  }
  return { regionName, major };
}

export function encodeSplitRowRequest(regionName: Uint8Array): Buffer {
  return encodeMessage((writer) => writer.message(1, writeRegionByName(regionName)).bool(3, true));
}

/** undefined: the region has nothing in files, or nothing to divide. */
export function decodeSplitRowResponse(bytes: Uint8Array): Buffer | undefined {
  const reader = new ProtoReader(bytes);
  let row: Buffer | undefined;
  while (reader.next()) {
    if (reader.field === 6) row = Buffer.from(reader.bytes());
    else reader.skip();
  }
  return row;
}

export interface RegionLoad {
  readonly regionName: Buffer;
  readonly uncompressedMegabytes: number;
  readonly storefileMegabytes: number;
  readonly memstoreMegabytes: number;
}

export function encodeRegionLoadRequest(table: string): Buffer {
  return encodeMessage((writer) => writer.message(1, writeTableName(table)));
}

export function decodeRegionLoadRequest(bytes: Uint8Array): string {
  const reader = new ProtoReader(bytes);
  return reader.next() ? readTableName(reader.bytes()) : '';
}

export function decodeRegionLoadResponse(bytes: Uint8Array): RegionLoad[] {
  const reader = new ProtoReader(bytes);
  const loads: RegionLoad[] = [];
  while (reader.next()) {
    if (reader.field === 1) loads.push(readRegionLoad(reader.bytes()));
    else reader.skip();
  }
  return loads;
}

export function encodeRegionLoadResponse(loads: readonly RegionLoad[]): Buffer {
  return encodeMessage((writer) => {
    for (const load of loads) {
      writer.message(1, (nested) =>
        nested
          .message(1, writeRegionByName(load.regionName))
          .uint32(4, load.uncompressedMegabytes)
          .uint32(5, load.storefileMegabytes)
          .uint32(6, load.memstoreMegabytes),
      );
    }
  });
}

function readRegionLoad(bytes: Uint8Array): RegionLoad {
  const reader = new ProtoReader(bytes);
  let regionName: Buffer = Buffer.alloc(0);
  let [uncompressedMegabytes, storefileMegabytes, memstoreMegabytes] = [0, 0, 0];
  while (reader.next()) {
    if (reader.field === 1) regionName = readRegionSpecifier(reader.bytes()).name;
    else if (reader.field === 4) uncompressedMegabytes = reader.uint32();
    else if (reader.field === 5) storefileMegabytes = reader.uint32();
    else if (reader.field === 6) memstoreMegabytes = reader.uint32();
    else reader.skip();
  }
  return { regionName, uncompressedMegabytes, storefileMegabytes, memstoreMegabytes };
}
