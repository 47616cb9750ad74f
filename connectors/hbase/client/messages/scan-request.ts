// ScanRequest{1 RegionSpecifier region 2 Scan 3 uint64 scanner_id 4 uint32 number_of_rows 5 bool close_scanner 6 uint64 next_call_seq
//   7 bool client_handles_partials 8 bool client_handles_heartbeats 9 bool track_scan_metrics 10 bool renew 11 uint32 limit_of_rows}
// Scan{1* Column 2* NameBytesPair attribute{1! string 2 bytes} 3 start_row 4 stop_row 5 Filter 6 TimeRange 7 uint32 max_versions=1
//   8 bool cache_blocks=true 10 uint64 max_result_size 15 bool reversed 21 bool include_start_row=true 22 bool include_stop_row=false
//   23 enum readType DEFAULT0 STREAM1 PREAD2}
// Calls: open (region, scan, no seq) · next (scanner_id, seq 0, 1, …) · renew (as next; uses up a seq) · close (scanner_id, close_scanner)
import { ProtoReader } from '../wire/proto-reader.ts';
import { encodeMessage } from '../wire/proto-writer.ts';
import type { ProtoWriter } from '../wire/proto-writer.ts';
import { readFilter, writeFilter } from './filter.ts';
import type { Filter } from './filter.ts';
import { readRegionSpecifier, writeRegionByName } from './region-info.ts';
import { readFamilySelection, readTimeRange, writeFamilySelection, writeTimeRange } from './selection.ts';
import type { CellSelection, FamilySelection, TimeRange } from './selection.ts';

const readTypes = ['default', 'stream', 'pread'] as const;
export type ReadType = (typeof readTypes)[number];

export interface Scan extends CellSelection {
  readonly startRow: Uint8Array;
  readonly includeStartRow: boolean;
  /** Empty = to the end. */
  readonly stopRow: Uint8Array;
  readonly includeStopRow?: boolean;
  readonly reversed?: boolean;
  readonly readType: ReadType;
  /** Blocks read go to the server's cache. */
  readonly cacheBlocks: boolean;
  /** Heap bytes per response on the server; the cell block is about 0.65 of it. */
  readonly maxResultBytes: number;
  /** Markers of deletes come too, as cells of type 8, 10, 12, 14. */
  readonly raw?: boolean;
}

export interface OpenScanner {
  readonly regionName: Uint8Array;
  readonly scan: Scan;
  readonly rowsPerResponse: number;
  readonly limitRows?: number | undefined;
  readonly trackMetrics?: boolean | undefined;
  /** One response is all that is wanted. */
  readonly close?: boolean | undefined;
}

const rawAttribute = '_raw_';
const javaTrue = Buffer.from([0xff]);

export function encodeOpenScanner(open: OpenScanner): Buffer {
  return encodeMessage((writer) =>
    writer
      .message(1, writeRegionByName(open.regionName))
      .message(2, writeScan(open.scan))
      .uint32(4, open.rowsPerResponse)
      .bool(5, open.close)
      .bool(7, true)
      .bool(8, true)
      .bool(9, open.trackMetrics)
      .uint32(11, open.limitRows),
  );
}

export interface NextCall {
  readonly scannerId: bigint;
  readonly sequence: bigint;
  readonly rowsPerResponse: number;
  readonly limitRows?: number | undefined;
  readonly trackMetrics?: boolean | undefined;
}

export function encodeNext(next: NextCall): Buffer {
  return encodeMessage((writer) =>
    writer
      .uint64(3, next.scannerId)
      .uint32(4, next.rowsPerResponse)
      .uint64(6, next.sequence)
      .bool(7, true)
      .bool(8, true)
      .bool(9, next.trackMetrics)
      .uint32(11, next.limitRows),
  );
}

export function encodeRenew(scannerId: bigint, sequence: bigint): Buffer {
  return encodeMessage((writer) =>
    writer.uint64(3, scannerId).uint32(4, 0).uint64(6, sequence).bool(7, true).bool(8, true).bool(10, true),
  );
}

export function encodeCloseScanner(scannerId: bigint): Buffer {
  return encodeMessage((writer) => writer.uint64(3, scannerId).uint32(4, 0).bool(5, true));
}

export function writeScan(scan: Scan): (writer: ProtoWriter) => void {
  return (writer) => {
    for (const selection of scan.families ?? []) writer.message(1, writeFamilySelection(selection));
    if (scan.raw === true) writer.message(2, (pair) => pair.string(1, rawAttribute).bytes(2, javaTrue));
    writer.bytes(3, scan.startRow).bytes(4, scan.stopRow);
    if (scan.filter !== undefined) writer.message(5, writeFilter(scan.filter));
    writer
      .message(6, writeTimeRange(scan.timeRange))
      .uint32(7, scan.maxVersions)
      .bool(8, scan.cacheBlocks)
      .uint64(10, BigInt(scan.maxResultBytes))
      .bool(15, scan.reversed)
      .bool(21, scan.includeStartRow)
      .bool(22, scan.includeStopRow)
      .uint32(23, readTypes.indexOf(scan.readType));
  };
}

/** A request as a server reads it; absent fields stay undefined, for absent is not false here. */
export interface ScanRequest {
  readonly regionName: Buffer | undefined;
  readonly scan: Scan | undefined;
  readonly scannerId: bigint | undefined;
  readonly rowsPerResponse: number | undefined;
  readonly close: boolean;
  readonly sequence: bigint | undefined;
  readonly trackMetrics: boolean;
  readonly renew: boolean;
  readonly limitRows: number;
}

export function decodeScanRequest(bytes: Uint8Array): ScanRequest {
  const reader = new ProtoReader(bytes);
  let regionName: Buffer | undefined;
  let scan: Scan | undefined;
  let [scannerId, sequence]: (bigint | undefined)[] = [];
  let rowsPerResponse: number | undefined;
  let [close, trackMetrics, renew, limitRows] = [false, false, false, 0];
  while (reader.next()) {
    if (reader.field === 1) regionName = readRegionSpecifier(reader.bytes()).name;
    else if (reader.field === 2) scan = readScan(reader.bytes());
    else if (reader.field === 3) scannerId = reader.uint64();
    else if (reader.field === 4) rowsPerResponse = reader.uint32();
    else if (reader.field === 5) close = reader.bool();
    else if (reader.field === 6) sequence = reader.uint64();
    else if (reader.field === 9) trackMetrics = reader.bool();
    else if (reader.field === 10) renew = reader.bool();
    else if (reader.field === 11) limitRows = reader.uint32();
    else reader.skip();
  }
  return { regionName, scan, scannerId, rowsPerResponse, close, sequence, trackMetrics, renew, limitRows };
}

function readScan(bytes: Uint8Array): Scan {
  const reader = new ProtoReader(bytes);
  const families: FamilySelection[] = [];
  let [startRow, stopRow] = [Buffer.alloc(0), Buffer.alloc(0)];
  let filter: Filter | undefined;
  let timeRange: TimeRange | undefined;
  let [maxVersions, maxResultBytes, readType] = [1, 0, 0];
  let [raw, reversed, cacheBlocks, includeStartRow, includeStopRow] = [false, false, true, true, false];
  while (reader.next()) {
    if (reader.field === 1) families.push(readFamilySelection(reader.bytes()));
    else if (reader.field === 2) raw ||= readAttributeName(reader.bytes()) === rawAttribute;
    else if (reader.field === 3) startRow = Buffer.from(reader.bytes());
    else if (reader.field === 4) stopRow = Buffer.from(reader.bytes());
    else if (reader.field === 5) filter = readFilter(reader.bytes());
    else if (reader.field === 6) timeRange = readTimeRange(reader.bytes());
    else if (reader.field === 7) maxVersions = reader.uint32();
    else if (reader.field === 8) cacheBlocks = reader.bool();
    else if (reader.field === 10) maxResultBytes = Number(reader.uint64());
    else if (reader.field === 15) reversed = reader.bool();
    else if (reader.field === 21) includeStartRow = reader.bool();
    else if (reader.field === 22) includeStopRow = reader.bool();
    else if (reader.field === 23) readType = reader.uint32();
    else reader.skip();
  }
  const range = { startRow, includeStartRow, stopRow, includeStopRow, reversed };
  const selection = { families, maxVersions, ...(filter && { filter }), ...(timeRange && { timeRange }) };
  return {
    ...range,
    ...selection,
    raw,
    cacheBlocks,
    maxResultBytes,
    readType: readTypes[readType] ?? 'default',
  };
}

function readAttributeName(bytes: Uint8Array): string {
  const reader = new ProtoReader(bytes);
  return reader.next() ? reader.string() : '';
}
