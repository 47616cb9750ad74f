// ClientService of the double: Scan, Get, Multi.
import {
  CellBlockCursor,
  encodeCells,
  latestTimestamp,
  skipCells,
} from '../../../connectors/hbase/client/wire/cell-block.ts';
import {
  decodeCondition,
  encodeProcessed,
} from '../../../connectors/hbase/client/messages/check-and-mutate.ts';
import type { Condition } from '../../../connectors/hbase/client/messages/check-and-mutate.ts';
import { decodeGetRequest, encodeGetResponse } from '../../../connectors/hbase/client/messages/get.ts';
import type { Get } from '../../../connectors/hbase/client/messages/get.ts';
import { decodeMultiRequest, encodeMultiResponse } from '../../../connectors/hbase/client/messages/multi.ts';
import type { ActionResult, ReceivedAction } from '../../../connectors/hbase/client/messages/multi.ts';
import type { MutationHead } from '../../../connectors/hbase/client/messages/mutation.ts';
import { decodeScanRequest } from '../../../connectors/hbase/client/messages/scan-request.ts';
import type { Scan } from '../../../connectors/hbase/client/messages/scan-request.ts';
import { encodeScanResponse } from '../../../connectors/hbase/client/messages/scan-response.ts';
import type { DoubleContext, Reply, ServiceCalls } from './double-context.ts';
import { DoubleError, unsupported } from './double-error.ts';
import type { RowSource } from './double-scanners.ts';
import { rowsInOrder } from './double-scanners.ts';
import { findRow, requireFamilies, writeRow } from './double-table.ts';
import type { DoubleRegion } from './double-table.ts';
import { compareMetaKeys, metaName, metaRows } from './meta-rows.ts';
import { compileSelection } from './select-cells.ts';
import type { Selected } from './select-cells.ts';

export function clientService(context: DoubleContext): ServiceCalls {
  return {
    Scan: (param) => scan(context, param),
    Get: (param) => {
      const { regionName, get } = decodeGetRequest(param);
      const { cells, cellCount } = getRow(context, regionName, get);
      return { message: encodeGetResponse(cellCount), cells };
    },
    Multi: (param, cellBlock) => {
      const condition = decodeCondition(param);
      if (condition === undefined) return multi(context, param, cellBlock);
      if (!isMet(context, param, condition)) return { message: encodeProcessed(false) };
      const { message } = multi(context, param, cellBlock);
      return { message: Buffer.concat([message, encodeProcessed(true)]) };
    },
    ExecService: () => {
      const message = 'No registered coprocessor service found';
      throw new DoubleError('exceptions.UnknownProtocolException', message, true);
    },
  };
}

function scan(context: DoubleContext, param: Buffer): Reply {
  const request = decodeScanRequest(param);
  const open = (asked: Scan): RowSource => {
    const name = request.regionName ?? Buffer.alloc(0);
    if (name.toString('latin1') === metaName) return metaInOrder(context, asked);
    const region = context.tables.region(name);
    requireFamilies(region.table, asked.families ?? []);
    return rowsInOrder(region.rows, asked);
  };
  const { answer, cells } = context.scanners.call(request, open);
  return { message: encodeScanResponse(answer), cells };
}

/** Meta's rows within the range, in the direction of the scan. */
function metaInOrder({ tables, server }: DoubleContext, asked: Scan): RowSource {
  const [start, stop] = [Buffer.from(asked.startRow), Buffer.from(asked.stopRow)];
  const direction = asked.reversed === true ? -1 : 1;
  const rows = metaRows(tables, server).filter(({ key }) => {
    const [fromStart, toStop] = [compareMetaKeys(key, start), compareMetaKeys(stop, key)].map(
      (order) => order * direction,
    );
    const isAfterStart = (fromStart ?? 0) > 0 || (fromStart === 0 && asked.includeStartRow);
    const isBeforeStop =
      stop.length === 0 || (toStop ?? 0) > 0 || (toStop === 0 && asked.includeStopRow === true);
    return isAfterStart && isBeforeStop;
  });
  if (asked.reversed === true) rows.reverse();
  return () => rows.shift();
}

function getRow(context: DoubleContext, regionName: Buffer, get: Get): Selected {
  const select = compileSelection(get);
  const key = Buffer.from(get.row);
  if (regionName.toString('latin1') === metaName) {
    const row = metaRows(context.tables, context.server).find((each) => each.key.equals(key));
    return row === undefined ? nothing : select(row);
  }
  const region = context.tables.region(regionName);
  requireFamilies(region.table, get.families ?? []);
  const row = findRow(region, key);
  return row === undefined ? nothing : select(row);
}

const nothing: Selected = { cells: Buffer.alloc(0), cellCount: 0, filtered: false };

function multi(context: DoubleContext, param: Buffer, cellBlock: Buffer): Reply {
  const parts: Buffer[] = [];
  let at = 0;
  const runAction = (regionName: Buffer, action: ReceivedAction): ActionResult => {
    const { index, get, mutation } = action;
    if (get !== undefined) {
      const { cells, cellCount } = getRow(context, regionName, get);
      if (get.existenceOnly === true) return { index, cellCount: 0, exists: cellCount > 0 };
      parts.push(cells);
      return { index, cellCount };
    }
    if (mutation === undefined || mutation.kind === 'other') throw unsupported('such mutations');
    const end = skipCells(cellBlock, at, mutation.cellCount, cellBlock.length);
    const region = context.tables.region(regionName);
    const cells = mutation.cellCount > 0 ? cellBlock.subarray(at, end) : wholeRowMarkers(region, mutation);
    at = end;
    writeRow(region, mutation.row, cells);
    return { index, cellCount: 0 };
  };
  const regions = decodeMultiRequest(param).map(({ regionName, actions }) => ({
    results: actions.map((action) => answerAction(action, () => runAction(regionName, action))),
  }));
  return { message: encodeMultiResponse(regions), cells: Buffer.concat(parts) };
}

/** The newest cell of the condition's column holds its value; no bytes: the column is not there, or empty. */
function isMet(context: DoubleContext, param: Buffer, condition: Condition): boolean {
  const { row, family, qualifier, value } = condition;
  const [region] = decodeMultiRequest(param);
  const families = [{ family, qualifiers: [qualifier] }];
  const { cells } = getRow(context, region?.regionName ?? Buffer.alloc(0), { row, families });
  const cursor = new CellBlockCursor();
  cursor.reset(cells, 0, cells.length);
  if (!cursor.next()) return value.length === 0;
  return cells.subarray(cursor.valueStart, cursor.valueStart + cursor.valueLength).equals(value);
}

/** A delete without cells takes all families. */
function wholeRowMarkers({ table }: DoubleRegion, { row, timestamp }: MutationHead): Buffer {
  const markers = table.schema.families.map(({ name }) => ({
    row,
    family: name,
    qualifier: Buffer.alloc(0),
    timestamp: timestamp ?? latestTimestamp,
    type: 'deleteFamily' as const,
    value: Buffer.alloc(0),
  }));
  return encodeCells(markers);
}

/** A failure is said of the action alone. */
function answerAction({ index }: ReceivedAction, run: () => ActionResult): ActionResult {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof DoubleError)) throw error;
    const stackTrace = `${error.className}: ${error.message}`;
    return { index, exception: { className: error.className, stackTrace } };
  }
}
