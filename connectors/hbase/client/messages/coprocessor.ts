// ExecService: a call to a coprocessor that a region has loaded; here the AggregateService of hbase-endpoint, which counts rows.
// CoprocessorServiceRequest{1! RegionSpecifier 2! CoprocessorServiceCall{1! bytes row 2! string service 3! string method 4! bytes request}}
// CoprocessorServiceResponse{1! RegionSpecifier 2! NameBytesPair value{1 string 2 bytes}}
// AggregateRequest{1! string interpreter_class_name 2! Scan 4 bool client_supports_partial_result}
// AggregateResponse{1* bytes first_part (int64BE count) 3 bytes next_chunk_start_row 4 uint32 wait_interval_ms}
import { ProtoReader } from '../wire/proto-reader.ts';
import { encodeMessage } from '../wire/proto-writer.ts';
import { writeRegionByName } from './region-info.ts';
import { writeScan } from './scan-request.ts';
import type { Scan } from './scan-request.ts';

/** GetRowNum does not look at it, but it must be there. */
const interpreter = 'org.apache.hadoop.hbase.client.coprocessor.LongColumnInterpreter';

export function encodeRowCountRequest(regionName: Uint8Array, regionStart: Uint8Array, scan: Scan): Buffer {
  const request = encodeMessage((writer) =>
    writer.string(1, interpreter).message(2, writeScan(scan)).bool(4, true),
  );
  return encodeMessage((writer) =>
    writer
      .message(1, writeRegionByName(regionName))
      .message(2, (call) =>
        call.bytes(1, regionStart).string(2, 'AggregateService').string(3, 'GetRowNum').bytes(4, request),
      ),
  );
}

export interface RowCountPart {
  readonly rows: bigint;
  /** The server stopped before this row and wants to be called again, after `waitMs`. */
  readonly nextRow: Buffer | undefined;
  readonly waitMs: number;
}

export function decodeRowCountResponse(bytes: Uint8Array): RowCountPart {
  const reader = new ProtoReader(valueOf(bytes));
  let rows = 0n;
  let nextRow: Buffer | undefined;
  let waitMs = 0;
  while (reader.next()) {
    if (reader.field === 1) rows += reader.bytes().readBigInt64BE();
    else if (reader.field === 3) nextRow = Buffer.from(reader.bytes());
    else if (reader.field === 4) waitMs = reader.uint32();
    else reader.skip();
  }
  return { rows, nextRow, waitMs };
}

/** The coprocessor's own answer within the response. */
function valueOf(bytes: Uint8Array): Buffer {
  const reader = new ProtoReader(bytes);
  let value: Buffer = Buffer.alloc(0);
  while (reader.next()) {
    if (reader.field !== 2) reader.skip();
    else {
      const pair = new ProtoReader(reader.bytes());
      while (pair.next()) {
        if (pair.field === 2) value = pair.bytes();
        else pair.skip();
      }
    }
  }
  return value;
}
