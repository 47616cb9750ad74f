// Region servers in memory that answer Scan as the real ones do: partial rows, heartbeats, sequence numbers, one call at a time per
// scanner, and silence (no rows, no error) for a scan that starts outside its region. Faults are dealt out by the test.
import type { CallContext } from '../../connectors/hbase/client/call-context.ts';
import { encodeCells } from '../../connectors/hbase/client/wire/cell-block.ts';
import type { Cell } from '../../connectors/hbase/client/wire/cell-block.ts';
import { RpcResponse } from '../../connectors/hbase/client/wire/connection.ts';
import type { RpcCall } from '../../connectors/hbase/client/wire/connection.ts';
import { HBaseError, remoteError } from '../../connectors/hbase/client/exceptions.ts';
import { Frame, FrameBuffers } from '../../connectors/hbase/client/wire/frame-buffers.ts';
import { decodeResponse, encodeResponse } from '../../connectors/hbase/client/wire/frame.ts';
import type { RegionInfo } from '../../connectors/hbase/client/messages/region-info.ts';
import { decodeScanRequest } from '../../connectors/hbase/client/messages/scan-request.ts';
import type { Scan, ScanRequest } from '../../connectors/hbase/client/messages/scan-request.ts';
import { encodeScanResponse } from '../../connectors/hbase/client/messages/scan-response.ts';
import type { ScanAnswer } from '../../connectors/hbase/client/messages/scan-response.ts';
import {
  regionContains,
  regionEndsAtOrHolds,
} from '../../connectors/hbase/client/regions/region-location.ts';
import type { UsableLocation } from '../../connectors/hbase/client/regions/region-location.ts';

/** What befalls a call: nothing, or one of the ways in which HBase fails. */
export type Fault = 'none' | (typeof allFaults)[number];

/** Exceptions by which a server ends a scanner, or says that a call on it came out of turn. */
const scannerExceptions = {
  'scanner-reset': 'exceptions.ScannerResetException',
  'out-of-order': 'exceptions.OutOfOrderScannerNextException',
  lease: 'regionserver.LeaseException',
} as const;

export const allFaults = [
  'lost-response',
  'lost-scanner',
  'scanner-reset',
  'out-of-order',
  'lease',
  'moved',
  'heartbeat',
  'split',
  'merge',
  'server-gone',
] as const;

export interface FakeRow {
  readonly key: Buffer;
  readonly cells: readonly Cell[];
}

interface OpenScanner {
  readonly regionName: string;
  nextSequence: bigint;
  busy: boolean;
  /** Of the region and within the scan's range, in the scan's order. */
  readonly rows: readonly FakeRow[];
  /** Place of the next cell: row index and cell index in it. */
  row: number;
  cell: number;
}

/** A pool that spoils what it gets back, so that a use after release shows. */
class SpoilingBuffers extends FrameBuffers {
  override give(buffer: Buffer): void {
    buffer.fill(0xdd);
  }
}

export class FakeRegionServers {
  readonly calls: { readonly kind: 'open' | 'next' | 'renew' | 'close'; readonly request: ScanRequest }[] =
    [];
  readonly forgotten: string[] = [];
  cellsPerResponse: () => number = () => 1000;
  faultFor: (call: number) => Fault = () => 'none';
  /** Lease told on open; 0 = none, so nothing is renewed. */
  leaseMs = 0;
  readonly #rows: readonly FakeRow[];
  #regions: UsableLocation[];
  readonly #scanners = new Map<bigint, OpenScanner>();
  readonly #buffers = new SpoilingBuffers();
  #lastScannerId = 0xce22bd4a00000000n;
  #lastRegionId = 1n;

  constructor(rows: readonly FakeRow[], splitKeys: readonly Buffer[]) {
    this.#rows = rows;
    const bounds = [Buffer.alloc(0), ...splitKeys, Buffer.alloc(0)];
    this.#regions = bounds.slice(1).map((end, index) => this.#region(bounds[index] ?? end, end));
  }

  get openScanners(): number {
    return this.#scanners.size;
  }

  context(clock: CallContext['clock'], retryBudgetMs = 600_000): CallContext {
    const locate = (_table: string, row: Uint8Array): UsableLocation => {
      const found = this.#regions.find((region) => regionContains(region.info, row));
      if (found === undefined) throw new Error('the fake regions have a gap');
      return found;
    };
    return {
      connections: {
        call: (_server, _service, call) => this.call(call),
        drop: () => undefined,
        close: () => undefined,
      },
      locator: {
        known: locate,
        locate: (table, row) => Promise.resolve(locate(table, row)),
        locateBefore: (_table, row) => Promise.resolve(this.#before(row)),
        regions: () => Promise.resolve(this.#regions),
        stateOf: () => Promise.resolve(undefined),
        forget: (location) => void this.forgotten.push(location.name.toString('latin1')),
        forgetTable: () => undefined,
      },
      registry: { metaServer: notHere, master: notHere },
      clock,
      retryBudgetMs,
    };
  }

  #before(row: Uint8Array): UsableLocation {
    const found = this.#regions.find((region) => regionEndsAtOrHolds(region.info, row));
    if (found === undefined) throw new Error('the fake regions have a gap');
    return found;
  }

  async call(call: RpcCall): Promise<RpcResponse> {
    if (call.method !== 'Scan') throw failure('UnknownProtocolException', `no ${call.method} here`, true);
    const request = decodeScanRequest(call.param);
    const kind = request.renew
      ? 'renew'
      : request.close
        ? 'close'
        : request.regionName === undefined
          ? 'next'
          : 'open';
    this.calls.push({ kind, request });
    const fault = kind === 'open' || kind === 'next' ? this.faultFor(this.calls.length) : 'none';
    this.#strike(fault, request);
    const scanner = kind === 'open' ? undefined : this.#find(request, kind);
    if (scanner !== undefined) scanner.busy = true;
    await new Promise((resolve) => setImmediate(resolve));
    if (scanner !== undefined) scanner.busy = false;
    const [answer, cells] = this.#answer(kind, request, scanner, fault);
    if (fault === 'lost-response')
      throw new HBaseError({ message: 'no answer within 1 ms', recovery: 'backoff' });
    return this.#respond(answer, cells);
  }

  #strike(fault: Fault, request: ScanRequest): void {
    if (fault === 'server-gone')
      throw new HBaseError({ message: 'the connection is gone', recovery: 'drop-server' });
    if (fault in scannerExceptions && request.scannerId !== undefined)
      throw failure(scannerExceptions[fault as keyof typeof scannerExceptions], 'said by the server', true);
    if (fault === 'moved')
      this.#replace(
        0,
        this.#regions.length,
        this.#regions.map(({ info }) => info.startKey),
      );
    if (fault === 'split') this.#splitOne();
    if (fault === 'merge') this.#mergeOne();
    if (fault === 'lost-scanner' && request.scannerId !== undefined) this.#scanners.delete(request.scannerId);
  }

  #find(request: ScanRequest, kind: string): OpenScanner {
    const scanner = this.#scanners.get(request.scannerId ?? 0n);
    if (scanner === undefined) throw failure('UnknownScannerException', 'no such scanner', true);
    if (scanner.busy) throw failure('regionserver.LeaseException', 'two calls at once', true);
    if (!this.#regions.some(({ name }) => name.toString('latin1') === scanner.regionName)) {
      this.#scanners.delete(request.scannerId ?? 0n);
      throw failure('NotServingRegionException', 'Region has changed on the scanner');
    }
    if (kind !== 'close' && request.sequence !== scanner.nextSequence++) {
      throw failure('exceptions.OutOfOrderScannerNextException', 'wrong nextCallSeq', true);
    }
    return scanner;
  }

  #answer(
    kind: string,
    request: ScanRequest,
    known: OpenScanner | undefined,
    fault: Fault,
  ): [ScanAnswer, Cell[]] {
    const scannerId = request.scannerId ?? ++this.#lastScannerId;
    if (kind === 'close') this.#scanners.delete(scannerId);
    if (kind === 'close' || kind === 'renew') return [{ scannerId, results: [] }, []];
    const scanner = known ?? this.#open(scannerId, request);
    const opened = known === undefined ? { leaseMs: this.leaseMs } : {};
    if (fault === 'heartbeat') {
      return [
        { ...opened, scannerId, moreResults: true, moreResultsInRegion: true, heartbeat: true, results: [] },
        [],
      ];
    }
    const { results, cells, done } = this.#read(scanner);
    if (done) this.#scanners.delete(scannerId);
    return [{ ...opened, scannerId, moreResults: true, moreResultsInRegion: !done, results }, cells];
  }

  #open(scannerId: bigint, request: ScanRequest): OpenScanner {
    const regionName = request.regionName?.toString('latin1') ?? '';
    const region = this.#regions.find(({ name }) => name.toString('latin1') === regionName);
    const scan = request.scan;
    if (region === undefined) throw failure('NotServingRegionException', `${regionName} is not online`);
    if (scan === undefined) throw failure('DoNotRetryIOException', 'no scan');
    const scanner = {
      regionName,
      nextSequence: 0n,
      busy: false,
      rows: this.#rowsOf(scan, region.info),
      row: 0,
      cell: 0,
    };
    this.#scanners.set(scannerId, scanner);
    return scanner;
  }

  /** None for a scan that starts outside the region. */
  #rowsOf(scan: Scan, info: RegionInfo): FakeRow[] {
    const [start, stop] = [Buffer.from(scan.startRow), Buffer.from(scan.stopRow)];
    const isReversed = scan.reversed === true;
    if (!(isReversed ? regionEndsAtOrHolds(info, start) : regionContains(info, start))) return [];
    const sign = isReversed ? -1 : 1;
    const rows = this.#rows.filter(({ key }) => {
      const [fromStart, toStop] = [key.compare(start) * sign, stop.compare(key) * sign];
      const isStarted = start.length === 0 || fromStart > 0 || (fromStart === 0 && scan.includeStartRow);
      const isEnded = stop.length > 0 && (toStop < 0 || (toStop === 0 && scan.includeStopRow !== true));
      return regionContains(info, key) && isStarted && !isEnded;
    });
    return isReversed ? rows.reverse() : rows;
  }

  /** Cells up to the limit; the last row may be cut. */
  #read(scanner: OpenScanner): { results: ScanAnswer['results']; cells: Cell[]; done: boolean } {
    const results: { cells: number; partial: boolean }[] = [];
    const cells: Cell[] = [];
    let room = this.cellsPerResponse();
    for (let row = scanner.rows[scanner.row]; row !== undefined; row = scanner.rows[++scanner.row]) {
      if (room <= 0) return { results, cells, done: false };
      const part = row.cells.slice(scanner.cell, scanner.cell + room);
      cells.push(...part);
      room -= part.length;
      const partial = scanner.cell + part.length < row.cells.length;
      results.push({ cells: part.length, partial });
      if (partial) {
        scanner.cell += part.length;
        return { results, cells, done: false };
      }
      scanner.cell = 0;
    }
    return { results, cells, done: true };
  }

  #respond(answer: ScanAnswer, cells: readonly Cell[]): RpcResponse {
    const bytes = encodeResponse(1, encodeScanResponse(answer), encodeCells(cells)).subarray(4);
    return new RpcResponse(
      new Frame(bytes, bytes.length, this.#buffers),
      decodeResponse(bytes, 0, bytes.length),
    );
  }

  #splitOne(): void {
    const index = this.calls.length % this.#regions.length;
    const region = this.#regions[index];
    const inside = this.#rows.filter(({ key }) => region !== undefined && regionContains(region.info, key));
    const middle = inside[Math.floor(inside.length / 2)]?.key;
    if (region === undefined || middle === undefined || middle.equals(region.info.startKey)) return;
    this.#replace(index, 1, [region.info.startKey, middle]);
  }

  #mergeOne(): void {
    if (this.#regions.length < 2) return;
    const index = this.calls.length % (this.#regions.length - 1);
    this.#replace(index, 2, [this.#regions[index]?.info.startKey ?? Buffer.alloc(0)]);
  }

  /** Puts new regions, given by their start keys, in the place of some. */
  #replace(index: number, count: number, starts: readonly Buffer[]): void {
    const end = this.#regions[index + count - 1]?.info.endKey ?? Buffer.alloc(0);
    const fresh = starts.map((start, at) => this.#region(start, starts[at + 1] ?? end));
    this.#regions.splice(index, count, ...fresh);
  }

  #region(startKey: Buffer, endKey: Buffer): UsableLocation {
    const regionId = ++this.#lastRegionId;
    const info = { regionId, table: 't', startKey, endKey, offline: false, split: false, replicaId: 0 };
    const name = Buffer.from(`t,${startKey.toString('hex')},${regionId}.md5.`);
    return { name, info, state: 'OPEN', server: { host: 'fake', port: 1, startCode: 1n } };
  }
}

const notHere = (): Promise<never> => Promise.reject(new Error('the fake has no registry'));

function failure(className: string, text: string, doNotRetry = false): HBaseError {
  const place = { method: 'Scan', server: 'fake:1' };
  const full = `org.apache.hadoop.hbase.${className}`;
  return remoteError(place, {
    className: full,
    stackTrace: `${full}: ${text}`,
    doNotRetry,
    serverOverloaded: false,
  });
}
