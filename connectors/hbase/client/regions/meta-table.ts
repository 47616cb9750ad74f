// Reading hbase:meta: a table of one region, whose rows say where all other regions are.
//   all regions of t: scan from `t,,` to `t ,,` (meta's own order puts the table name first, so no other table lies between)
//   region of a row:  scan backwards from `t,row,99999999999999` to `t,,`, first row that is no split parent
//   state of t:       row `t`, column table:state
import type { Clock } from '../../../../src/core/clock.ts';
import type { Caller } from '../wire/connections.ts';
import { asHBaseError, HBaseError } from '../exceptions.ts';
import { CellBlockCursor } from '../wire/cell-block.ts';
import { decodeGetResponse, encodeGetRequest } from '../messages/get.ts';
import { readTableState } from '../messages/region-info.ts';
import type { TableState } from '../messages/region-info.ts';
import type { Scan } from '../messages/scan-request.ts';
import type { ServerName } from '../messages/server-name.ts';
import { readMetaRow } from './region-location.ts';
import type { RegionLocation, UsableLocation } from './region-location.ts';
import { RegionScanner } from '../scan/region-scanner.ts';
import type { Registry } from './registry.ts';
import { RowAssembler } from '../scan/row-assembler.ts';

export interface WrittenState {
  readonly state: TableState;
  /** Master's time in ms: when the table was made, truncated, restored, disabled or enabled last. */
  readonly writtenAt: bigint;
}

const metaRegionName = Buffer.from('hbase:meta,,1');
const none = Buffer.alloc(0);
const afterAllIds = '99999999999999';
const maxRowBytes = 32_767;
const callTimeoutMs = 20_000;
const rowsPerResponse = 1000;
/** Split parents and dead merges that may stand before the region looked for. */
const rowsBackwards = 10;

export class MetaTable {
  readonly #connections: Caller;
  readonly #registry: Registry;
  readonly #clock: Clock;
  #server: ServerName | undefined;

  constructor(connections: Caller, registry: Registry, clock: Clock) {
    this.#connections = connections;
    this.#registry = registry;
    this.#clock = clock;
  }

  /** All rows of a table in key order, whatever their state. Throws HBaseError for the caller to retry. */
  regions(table: string, signal?: AbortSignal): Promise<RegionLocation[]> {
    const range = { startRow: Buffer.from(`${table},,`), stopRow: Buffer.from(`${table} ,,`) };
    return this.#scan({ ...range, includeStartRow: true }, rowsPerResponse, signal);
  }

  /** The newest region whose range holds `row`, whatever its state. */
  async regionOf(table: string, row: Uint8Array, signal?: AbortSignal): Promise<RegionLocation | undefined> {
    const key = Buffer.concat([Buffer.from(`${table},`), row]).subarray(
      0,
      maxRowBytes - afterAllIds.length - 1,
    );
    const startRow = Buffer.concat([key, Buffer.from(`,${afterAllIds}`)]);
    const range = { startRow, stopRow: Buffer.from(`${table},,`), includeStopRow: true, reversed: true };
    const found = await this.#scan({ ...range, includeStartRow: true }, rowsBackwards, signal);
    return found.find((location) => !location.info.split);
  }

  /** What the master last wrote; undefined when there is no such table. */
  async tableState(table: string, signal?: AbortSignal): Promise<WrittenState | undefined> {
    return this.#onMeta(signal, async (location) => {
      const families = [{ family: Buffer.from('table'), qualifiers: [Buffer.from('state')] }];
      const param = encodeGetRequest(location.name, { row: Buffer.from(table), families });
      const call = { method: 'Get', param, timeoutMs: callTimeoutMs, region: 'hbase:meta', signal };
      const response = await this.#connections.call(location.server, 'ClientService', call);
      const cursor = new CellBlockCursor();
      cursor.reset(response.buffer, response.blockStart, response.blockEnd);
      const found = decodeGetResponse(response.message()) > 0 && cursor.next();
      const value = response.buffer.subarray(cursor.valueStart, cursor.valueStart + cursor.valueLength);
      const writtenAt = (BigInt(cursor.timestampHigh) << 32n) | BigInt(cursor.timestampLow);
      const state = found ? { state: readTableState(value), writtenAt } : undefined;
      response.release();
      return state;
    });
  }

  #scan(
    range: Pick<Scan, 'startRow' | 'includeStartRow' | 'stopRow' | 'includeStopRow' | 'reversed'>,
    rows: number,
    signal: AbortSignal | undefined,
  ): Promise<RegionLocation[]> {
    const families = [{ family: Buffer.from('info') }];
    const limits = { readType: 'pread', cacheBlocks: true, maxResultBytes: 4 * 1024 * 1024 } as const;
    return this.#onMeta(signal, async (location) => {
      const scanner = new RegionScanner({
        connections: this.#connections,
        clock: this.#clock,
        location,
        scan: { ...range, ...limits, families },
        rowsPerResponse: rows,
        trackMetrics: false,
        callTimeoutMs,
      });
      try {
        return await readRows(scanner, range.reversed === true ? rows : Infinity, signal);
      } finally {
        void scanner.close();
      }
    });
  }

  /** Runs a call on meta's server; after any failure the server is looked up anew next time. */
  async #onMeta<T>(
    signal: AbortSignal | undefined,
    run: (location: UsableLocation) => Promise<T>,
  ): Promise<T> {
    this.#server ??= await this.#registry.metaServer(signal);
    try {
      return await run(metaLocation(this.#server));
    } catch (error) {
      this.#server = undefined;
      signal?.throwIfAborted();
      throw onMeta(error);
    }
  }
}

async function readRows(
  scanner: RegionScanner,
  atMost: number,
  signal: AbortSignal | undefined,
): Promise<RegionLocation[]> {
  const assembler = new RowAssembler('any');
  const found: RegionLocation[] = [];
  for (;;) {
    signal?.throwIfAborted();
    const { response, layout, regionDone } = await scanner.fetch();
    const rows = assembler.accept(response, layout, regionDone);
    for (let row = 0; row < (rows?.rowCount ?? 0); row++) {
      const location =
        rows && readMetaRow(rows.buffer, rows.rowStarts[row] ?? 0, rows.rowStarts[row + 1] ?? 0);
      if (location !== undefined) found.push(location);
    }
    response.release();
    if (regionDone || found.length >= atMost) return found;
  }
}

function metaLocation(server: ServerName): UsableLocation {
  const info = {
    regionId: 1n,
    table: 'hbase:meta',
    startKey: none,
    endKey: none,
    offline: false,
    split: false,
    replicaId: 0,
  };
  return { name: metaRegionName, info, state: 'OPEN', server };
}

/** On meta every failure that is not final is a matter of looking again later. */
function onMeta(cause: unknown): HBaseError {
  const error = asHBaseError(cause);
  if (error.recovery === 'fail') return error;
  return new HBaseError({
    message: `reading hbase:meta: ${error.message}`,
    recovery: 'backoff',
    cause: error,
    ...(error.className === undefined ? {} : { className: error.className }),
  });
}
