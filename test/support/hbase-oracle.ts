// The typed side of HbaseOracle.java: an HBase client that is not ours, for fixtures, faults and counter-checks.
import { join } from 'node:path';
import { startHbaseAdmin } from '../../src/stack/services/hbase-admin.ts';
import type { HbaseEndpoint } from '../../src/stack/stack-endpoints.ts';

export interface OracleFamily {
  readonly name: string;
  readonly versions?: number;
  readonly ttlSeconds?: number;
  readonly keepDeletedCells?: boolean;
  readonly blockEncoding?: 'NONE' | 'PREFIX' | 'DIFF' | 'FAST_DIFF' | 'ROW_INDEX_V1';
}

/** Keys are `keyPrefix` + the row's number in `keyDigits` digits, numbers run from `firstRow` (default 0). */
interface OracleLoad {
  readonly rows: number;
  readonly firstRow?: number;
  readonly keyPrefix: string;
  readonly keyDigits: number;
  readonly columns: readonly OracleLoadColumn[];
  /** of all cells, in ms; default: the server's clock */
  readonly timestamp?: number;
  readonly skipWal?: boolean;
}

/** The value is `prefix` + the row's number, padded with dots or cut to `valueBytes`. */
interface OracleLoadColumn {
  readonly family: string;
  readonly qualifier: string | Uint8Array;
  readonly prefix: string;
  readonly valueBytes?: number;
  /** rows whose number is a multiple of it lack this column */
  readonly missingEvery?: number;
}

interface OracleCell {
  readonly row: string | Uint8Array;
  readonly family: string;
  readonly qualifier: string | Uint8Array;
  readonly value: string | Uint8Array;
  readonly timestamp?: number;
}

interface OracleDelete {
  /** `column` = all its versions, `cell` = the newest one or that of `timestamp` */
  readonly kind: 'row' | 'family' | 'column' | 'cell';
  readonly row: string | Uint8Array;
  readonly family?: string;
  readonly qualifier?: string | Uint8Array;
  readonly timestamp?: number;
}

export interface OracleScan {
  readonly startRow?: string | Uint8Array;
  readonly stopRow?: string | Uint8Array;
  /** inclusive, ms */
  readonly minTimestamp?: number;
  /** exclusive, ms */
  readonly maxTimestamp?: number;
  readonly columns?: readonly { readonly family: string; readonly qualifier?: string | Uint8Array }[];
  /** with delete markers and what they hide */
  readonly raw?: boolean;
  readonly versions?: number;
}

export interface OracleChecksum {
  readonly rows: number;
  readonly cells: number;
  /** sum of `cellChecksum` over all cells, modulo 2^64 */
  readonly sum: bigint;
}

interface OracleFoundCell {
  readonly row: Buffer;
  readonly family: string;
  readonly qualifier: Buffer;
  readonly value: Buffer;
  readonly timestamp: number;
  /** KeyValue's code: 4 put, 8 delete, 10 delete version of family, 12 delete column, 14 delete family */
  readonly type: number;
}

export interface OracleRegion {
  readonly encodedName: string;
  readonly startKey: Buffer;
  readonly endKey: Buffer;
  /** `host,port,startcode`; undefined while it is nowhere */
  readonly server: string | undefined;
}

/** Every call returns when the thing is done and throws STACK_FAILED when HBase refuses. */
export interface HbaseOracle {
  createTable(
    table: string,
    families: readonly (string | OracleFamily)[],
    splitKeys?: readonly (string | Uint8Array)[],
  ): Promise<void>;
  /** Disables it first; false when there was none. */
  dropTable(table: string): Promise<boolean>;
  disableTable(table: string): Promise<void>;
  enableTable(table: string): Promise<void>;
  /** Returns the number of cells. */
  load(table: string, load: OracleLoad): Promise<number>;
  put(table: string, cells: readonly OracleCell[]): Promise<void>;
  delete(table: string, deletes: readonly OracleDelete[]): Promise<void>;
  flush(table: string): Promise<void>;
  majorCompact(table: string): Promise<void>;
  regions(table: string): Promise<OracleRegion[]>;
  servers(): Promise<string[]>;
  /** To `server`, or to another than it is on; the name of where it is then is returned. */
  moveRegion(table: string, encodedName: string, server?: string): Promise<string>;
  /** HBase refuses to split or merge a region that came from a split or merge a moment ago. */
  splitRegion(table: string, encodedName: string, splitKey: string | Uint8Array): Promise<OracleRegion[]>;
  mergeRegions(table: string, first: string, second: string): Promise<OracleRegion[]>;
  /** Returns whether it was on. */
  setBalancer(on: boolean): Promise<boolean>;
  /** Takes effect within the cluster's hbase.quota.refresh.period; needs hbase.quota.enabled. */
  throttle(table: string, requestsPerSecond: number): Promise<void>;
  /** Gracefully; returns when the table's regions have another server. Only in a stack of your own. */
  stopServer(server: string, table: string): Promise<void>;
  checksum(table: string, scan?: OracleScan): Promise<OracleChecksum>;
  cells(table: string, scan: OracleScan & { readonly limit: number }): Promise<OracleFoundCell[]>;
  close(): Promise<void>;
}

/** One JVM, about 2 s: start it once per suite and close it in `afterAll`. */
export async function startHbaseOracle(stack: { readonly hbase: HbaseEndpoint }): Promise<HbaseOracle> {
  const admin = await startHbaseAdmin(stack.hbase, join(import.meta.dirname, 'HbaseOracle.java'));
  const call = <T>(command: string, args: object = {}) =>
    admin.call(command, encode(args) as Record<string, unknown>) as Promise<T>;
  const act = async (command: string, args: object) => {
    await call(command, args);
  };
  const regionsOf = async (command: string, args: object) =>
    (await call<RegionText[]>(command, args)).map(decodeRegion);
  return {
    createTable: (table, families, splitKeys = []) =>
      act('createTable', {
        table,
        families: families.map((family) => (typeof family === 'string' ? { name: family } : family)),
        splitKeys,
      }),
    dropTable: (table) => call<boolean>('dropTable', { table }),
    disableTable: (table) => act('disableTable', { table }),
    enableTable: (table) => act('enableTable', { table }),
    load: (table, load) => call<number>('load', { ...load, table }),
    put: (table, cells) => act('put', { table, cells }),
    delete: (table, deletes) => act('delete', { table, deletes }),
    flush: (table) => act('flush', { table }),
    majorCompact: (table) => act('majorCompact', { table }),
    regions: (table) => regionsOf('regions', { table }),
    servers: () => call<string[]>('servers'),
    moveRegion: (table, region, server) => call<string>('moveRegion', { table, region, server }),
    splitRegion: (table, region, splitKey) => regionsOf('splitRegion', { table, region, splitKey }),
    mergeRegions: (table, first, second) => regionsOf('mergeRegions', { table, first, second }),
    setBalancer: (on) => call<boolean>('balancer', { on }),
    throttle: (table, requestsPerSecond) => act('throttle', { table, requestsPerSecond }),
    stopServer: (server, table) => act('stopServer', { server, table }),
    checksum: async (table, scan = {}) => {
      const text = await call<{ rows: number; cells: number; sum: string }>('checksum', { ...scan, table });
      return { ...text, sum: BigInt(text.sum) };
    },
    cells: async (table, scan) => (await call<CellText[]>('cells', { ...scan, table })).map(decodeCell),
    close: () => admin.close(),
  };
}

const byteFields = new Set(['row', 'qualifier', 'value', 'startRow', 'stopRow', 'splitKey', 'splitKeys']);

// Bytes travel as base64; a string in their place stands for its UTF-8 bytes.
function encode(value: unknown, field = ''): unknown {
  if (value instanceof Uint8Array || (typeof value === 'string' && byteFields.has(field)))
    return Buffer.from(value as Uint8Array).toString('base64');
  if (Array.isArray(value)) return value.map((item) => encode(item, field));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, encode(item, name)]));
}

interface RegionText {
  readonly encodedName: string;
  readonly startKey: string;
  readonly endKey: string;
  readonly server?: string;
}

interface CellText {
  readonly row: string;
  readonly family: string;
  readonly qualifier: string;
  readonly value: string;
  readonly timestamp: number;
  readonly type: number;
}

const bytesOf = (text: string) => Buffer.from(text, 'base64');

function decodeRegion({ encodedName, startKey, endKey, server }: RegionText): OracleRegion {
  return { encodedName, startKey: bytesOf(startKey), endKey: bytesOf(endKey), server };
}

function decodeCell(cell: CellText): OracleFoundCell {
  return {
    ...cell,
    row: bytesOf(cell.row),
    qualifier: bytesOf(cell.qualifier),
    value: bytesOf(cell.value),
  };
}
