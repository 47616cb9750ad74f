// Scanners of the double: open ─► next 0, 1, 2 … ─► done, closed, or forgotten after a minute without a call. As in HBase a response
// ends at a number of bytes, in the middle of a row if need be, and a row that changes meanwhile is given as it was begun.
import { skipCells } from '../../../connectors/hbase/client/wire/cell-block.ts';
import type { Scan, ScanRequest } from '../../../connectors/hbase/client/messages/scan-request.ts';
import type { ScanAnswer } from '../../../connectors/hbase/client/messages/scan-response.ts';
import { DoubleError, unsupported } from './double-error.ts';
import { firstRowFrom } from './double-table.ts';
import type { CellSelector, Selected } from './select-cells.ts';
import { compileSelection } from './select-cells.ts';
import type { StoredRow } from './stored-row.ts';

/** Rows in the order of the scan, each asked for when its turn comes. */
export type RowSource = () => StoredRow | undefined;

interface OpenScanner {
  readonly nextRow: RowSource;
  readonly select: CellSelector;
  /** Of a long read, not of a few rows. */
  readonly long: boolean;
  readonly maxBytes: number;
  sequence: bigint;
  usedAt: number;
  /** What is left of a row that did not fit the last response. */
  rest: Selected | undefined;
}

export interface ScanReply {
  readonly answer: ScanAnswer;
  readonly cells: Buffer;
}

const leaseMs = 60_000;
/** The server counts heap, which is more than the bytes on the wire. */
const wireShareOfHeap = 0.65;
const defaultMaxBytes = 2 * 1024 * 1024;

export class DoubleScanners {
  readonly #open = new Map<bigint, OpenScanner>();
  #lastId = 0n;
  /** Most scanners of long reads that were open at a time. */
  peak = 0;

  /** `nextRow`: for the open only. Throws UnknownScannerException, OutOfOrderScannerNextException. */
  call(request: ScanRequest, nextRow: (scan: Scan) => RowSource): ScanReply {
    const id = request.scannerId ?? this.#begin(request, nextRow);
    const scanner = this.#find(id);
    if (request.scannerId !== undefined) this.#checkSequence(id, scanner, request);
    if (request.renew) return { answer: { scannerId: id, results: [] }, cells: Buffer.alloc(0) };
    if (request.close && request.scannerId !== undefined) {
      this.#open.delete(id);
      return { answer: { scannerId: id, results: [] }, cells: Buffer.alloc(0) };
    }
    const page = readPage(scanner, request);
    const limitReached = request.limitRows > 0 && page.rows >= request.limitRows;
    if (page.done || limitReached || request.close) this.#open.delete(id);
    return {
      cells: Buffer.concat(page.parts),
      answer: {
        scannerId: id,
        moreResults: !limitReached,
        moreResultsInRegion: !page.done,
        results: page.results,
        ...(request.scannerId === undefined ? { leaseMs } : {}),
        ...(request.trackMetrics ? { metrics: new Map([['ROWS_FILTERED', BigInt(page.filtered)]]) } : {}),
      },
    };
  }

  #begin({ scan }: ScanRequest, nextRow: (scan: Scan) => RowSource): bigint {
    if (scan === undefined) throw unsupported('a scan without a description');
    for (const [id, { usedAt }] of this.#open) if (Date.now() - usedAt > leaseMs) this.#open.delete(id);
    this.#lastId += 1n;
    const maxBytes = scan.maxResultBytes > 0 ? scan.maxResultBytes * wireShareOfHeap : defaultMaxBytes;
    this.#open.set(this.#lastId, {
      nextRow: nextRow(scan),
      select: compileSelection(scan, scan.raw === true),
      long: scan.readType === 'stream',
      maxBytes,
      sequence: 0n,
      usedAt: Date.now(),
      rest: undefined,
    });
    this.peak = Math.max(this.peak, [...this.#open.values()].filter(({ long }) => long).length);
    return this.#lastId;
  }

  #find(id: bigint): OpenScanner {
    const scanner = this.#open.get(id);
    if (scanner === undefined || Date.now() - scanner.usedAt > leaseMs)
      throw new DoubleError('UnknownScannerException', `there is no scanner ${id}`, true);
    scanner.usedAt = Date.now();
    return scanner;
  }

  #checkSequence(id: bigint, scanner: OpenScanner, request: ScanRequest): void {
    if (request.close) return;
    if (request.sequence !== scanner.sequence) {
      this.#open.delete(id);
      const message = `expected call ${scanner.sequence}, got ${String(request.sequence)}`;
      throw new DoubleError('exceptions.OutOfOrderScannerNextException', message, true);
    }
    scanner.sequence += 1n;
  }
}

/** Rows of `rows` within the scan's range, last first if it is reversed; positions are keys, so rows may come and go meanwhile. */
export function rowsInOrder(rows: readonly StoredRow[], scan: Scan): RowSource {
  const sign = scan.reversed === true ? -1 : 1;
  const stop = Buffer.from(scan.stopRow);
  let position: Buffer = Buffer.from(scan.startRow);
  let inclusive = scan.includeStartRow;
  const next = (): StoredRow | undefined => {
    if (sign > 0) return rows[firstRowFrom(rows, position, inclusive)];
    return position.length === 0 ? rows.at(-1) : rows[firstRowFrom(rows, position, !inclusive) - 1];
  };
  return () => {
    const row = next();
    if (row === undefined) return undefined;
    const order = stop.length === 0 ? -1 : row.key.compare(stop) * sign;
    if (order > 0 || (order === 0 && scan.includeStopRow !== true)) return undefined;
    position = row.key;
    inclusive = false;
    return row;
  };
}

interface Page {
  readonly parts: Buffer[];
  readonly results: { cells: number; partial: boolean }[];
  /** Whole rows. */
  rows: number;
  bytes: number;
  filtered: number;
  done: boolean;
}

function readPage(scanner: OpenScanner, request: ScanRequest): Page {
  const page: Page = { parts: [], results: [], rows: 0, bytes: 0, filtered: 0, done: false };
  const most = Math.min(request.rowsPerResponse ?? Infinity, request.limitRows || Infinity);
  while (page.rows < most && page.bytes < scanner.maxBytes) {
    const selected = scanner.rest ?? selectNext(scanner, page);
    if (selected === undefined) {
      page.done = true;
      break;
    }
    scanner.rest = addCells(page, selected, scanner.maxBytes - page.bytes);
  }
  return page;
}

/** The next row that gives cells. */
function selectNext(scanner: OpenScanner, page: Page): Selected | undefined {
  for (let row = scanner.nextRow(); row !== undefined; row = scanner.nextRow()) {
    const selected = scanner.select(row);
    if (selected.filtered) page.filtered += 1;
    if (selected.cellCount > 0) return selected;
  }
  return undefined;
}

/** Adds as many cells as there is room for, one at least; what is left comes back. */
function addCells(page: Page, selected: Selected, room: number): Selected | undefined {
  const { cells, cellCount } = selected;
  let [end, taken] = [cells.length, cellCount];
  if (cells.length > room) {
    for (end = 0, taken = 0; taken < cellCount && (taken === 0 || end < room); taken += 1)
      end = skipCells(cells, end, 1, cells.length);
  }
  const partial = taken < cellCount;
  page.parts.push(cells.subarray(0, end));
  page.results.push({ cells: taken, partial });
  page.bytes += end;
  if (!partial) {
    page.rows += 1;
    return undefined;
  }
  return { cells: cells.subarray(end), cellCount: cellCount - taken, filtered: false };
}
