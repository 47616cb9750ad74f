// ScanResponse{1* uint32 cells_per_result 2 uint64 scanner_id 3 bool more_results 4 uint32 ttl 7* bool partial_flag_per_result
//   8 bool more_results_in_region 9 bool heartbeat_message 10 ScanMetrics{1* NameInt64Pair{1 string 2 int64}} 11 uint64 mvcc_read_point}
// The results' cells follow in the cell block. At a region's end more_results is still true, only more_results_in_region tells.
import { ProtoReader } from '../wire/proto-reader.ts';
import { encodeMessage } from '../wire/proto-writer.ts';

/** How the cells of a block group into results; kept between responses so that a scan allocates it once. */
export class ResultLayout {
  count = 0;
  cellCounts = new Uint32Array(1024);
  /** 1 = the row goes on in the next result. */
  partials = new Uint8Array(1024);

  addCellCount(index: number, cells: number): void {
    if (index === this.cellCounts.length) this.#grow();
    this.cellCounts[index] = cells;
  }

  #grow(): void {
    const { cellCounts, partials } = this;
    this.cellCounts = new Uint32Array(cellCounts.length * 2);
    this.cellCounts.set(cellCounts);
    this.partials = new Uint8Array(partials.length * 2);
    this.partials.set(partials);
  }
}

export interface ScanResponse {
  readonly scannerId: bigint | undefined;
  /** Absent is not false: only `=== false` means the end. */
  readonly moreResults: boolean | undefined;
  readonly moreResultsInRegion: boolean | undefined;
  readonly heartbeat: boolean;
  /** Lease of the scanner, on the open only. */
  readonly leaseMs: number | undefined;
  readonly metrics: ReadonlyMap<string, bigint> | undefined;
}

/** Reads `buffer[start, end)`; the results' sizes go to `layout`. */
export function decodeScanResponse(
  buffer: Uint8Array,
  range: { readonly start: number; readonly end: number },
  layout: ResultLayout,
): ScanResponse {
  const reader = new ProtoReader(buffer, range.start, range.end);
  let [results, flags] = [0, 0];
  let scannerId: bigint | undefined;
  let [moreResults, moreResultsInRegion]: (boolean | undefined)[] = [];
  let leaseMs: number | undefined;
  let metrics: Map<string, bigint> | undefined;
  let heartbeat = false;
  layout.partials.fill(0);
  while (reader.next()) {
    if (reader.field === 1) layout.addCellCount(results++, reader.uint32());
    else if (reader.field === 7) layout.partials[flags++] = reader.uint32();
    else if (reader.field === 2) scannerId = reader.uint64();
    else if (reader.field === 3) moreResults = reader.bool();
    else if (reader.field === 4) leaseMs = reader.uint32();
    else if (reader.field === 8) moreResultsInRegion = reader.bool();
    else if (reader.field === 9) heartbeat = reader.bool();
    else if (reader.field === 10) metrics = readMetrics(reader.bytes());
    else reader.skip();
  }
  layout.count = results;
  return { scannerId, moreResults, moreResultsInRegion, heartbeat, leaseMs, metrics };
}

/** What a server says; the double uses it. */
export interface ScanAnswer extends Partial<ScanResponse> {
  readonly results: readonly { readonly cells: number; readonly partial: boolean }[];
}

export function encodeScanResponse(answer: ScanAnswer): Buffer {
  return encodeMessage((writer) => {
    for (const result of answer.results) writer.uint32(1, result.cells);
    writer.uint64(2, answer.scannerId).bool(3, answer.moreResults).uint32(4, answer.leaseMs);
    for (const result of answer.results) writer.bool(7, result.partial);
    writer.bool(8, answer.moreResultsInRegion).bool(9, answer.heartbeat);
    const metrics = answer.metrics;
    if (metrics === undefined) return;
    writer.message(10, (nested) => {
      for (const [name, value] of metrics) nested.message(1, (pair) => pair.string(1, name).uint64(2, value));
    });
  });
}

function readMetrics(bytes: Uint8Array): Map<string, bigint> {
  const reader = new ProtoReader(bytes);
  const metrics = new Map<string, bigint>();
  while (reader.next()) {
    if (reader.field !== 1) reader.skip();
    else {
      const pair = new ProtoReader(reader.bytes());
      let [name, value] = ['', 0n];
      while (pair.next()) {
        if (pair.field === 1) name = pair.string();
        else if (pair.field === 2) value = pair.int64();
        else pair.skip();
      }
      metrics.set(name, value);
    }
  }
  return metrics;
}
