// Tables and their regions in the double's memory. A region's rows lie in one sorted array.
import { createHash } from 'node:crypto';
import type { RegionInfo, TableState } from '../../../connectors/hbase/client/messages/region-info.ts';
import type { TableSchema } from '../../../connectors/hbase/client/messages/table-schema.ts';
import type { FamilySelection } from '../../../connectors/hbase/client/messages/selection.ts';
import { regionContains } from '../../../connectors/hbase/client/regions/region-location.ts';
import { DoubleError } from './double-error.ts';
import { changeRow } from './stored-row.ts';
import type { StoredRow } from './stored-row.ts';

export interface DoubleRegion {
  readonly name: Buffer;
  readonly info: RegionInfo;
  readonly table: DoubleTable;
  /** Ascending by key. */
  readonly rows: StoredRow[];
  /** Of all cells. */
  bytes: number;
}

export interface DoubleTable {
  readonly schema: TableSchema;
  readonly regions: readonly DoubleRegion[];
  state: TableState;
  /** When that was written, ms. */
  stateWrittenAt: number;
}

export class DoubleTables {
  readonly #tables = new Map<string, DoubleTable>();
  readonly #regions = new Map<string, DoubleRegion>();
  #lastRegionId = Date.now();
  #lastWriteAt = 0;

  /** Throws TableExistsException. */
  create(schema: TableSchema, splitKeys: readonly Buffer[]): void {
    const name = schema.table;
    if (this.#tables.has(name)) throw new DoubleError('TableExistsException', name, true);
    const regions: DoubleRegion[] = [];
    const table: DoubleTable = { schema, regions, state: 'ENABLED', stateWrittenAt: this.#nextWriteAt() };
    const bounds = [Buffer.alloc(0), ...splitKeys, Buffer.alloc(0)];
    this.#lastRegionId += 1;
    for (const [index, endKey] of bounds.slice(1).entries()) {
      const startKey = bounds[index] ?? endKey;
      const region = makeRegion(table, { startKey, endKey, regionId: this.#lastRegionId });
      regions.push(region);
      this.#regions.set(region.name.toString('latin1'), region);
    }
    this.#tables.set(name, table);
  }

  /** Throws TableNotDisabledException, TableNotFoundException. */
  remove(name: string): void {
    const table = this.require(name);
    if (table.state !== 'DISABLED') throw new DoubleError('TableNotDisabledException', name, true);
    for (const region of table.regions) this.#regions.delete(region.name.toString('latin1'));
    this.#tables.delete(name);
  }

  /** Throws TableNotFoundException. */
  setState(name: string, state: TableState): void {
    const table = this.require(name);
    table.state = state;
    table.stateWrittenAt = this.#nextWriteAt();
  }

  /** Throws TableNotFoundException. */
  require(name: string): DoubleTable {
    const table = this.#tables.get(name);
    if (table === undefined) throw new DoubleError('TableNotFoundException', name, true);
    return table;
  }

  all(): readonly DoubleTable[] {
    return [...this.#tables.values()].sort((a, b) => (a.schema.table < b.schema.table ? -1 : 1));
  }

  #nextWriteAt(): number {
    this.#lastWriteAt = Math.max(this.#lastWriteAt + 1, Date.now());
    return this.#lastWriteAt;
  }

  /** The region that a call is sent to. Throws NotServingRegionException. */
  region(name: Buffer): DoubleRegion {
    const region = this.#regions.get(name.toString('latin1'));
    if (region?.table.state === 'ENABLED') return region;
    throw new DoubleError('NotServingRegionException', `${name.toString('latin1')} is not online here`);
  }
}

/** Throws NoSuchColumnFamilyException, WrongRegionException. */
export function writeRow(region: DoubleRegion, key: Buffer, cells: Buffer): void {
  if (!regionContains(region.info, key))
    throw new DoubleError('regionserver.WrongRegionException', 'the row is not in this region');
  const at = firstRowFrom(region.rows, key, true);
  const found = region.rows[at];
  const row = found?.key.equals(key) === true ? found : undefined;
  const after = changeRow({
    row,
    key: row?.key ?? Buffer.from(key),
    cells,
    now: Date.now(),
    versionsOf: (family) => versionsOf(region.table, family),
  });
  region.bytes += bytesOf(after) - bytesOf(row);
  if (after !== undefined) region.rows.splice(at, row === undefined ? 0 : 1, after);
  else if (row !== undefined) region.rows.splice(at, 1);
}

/** Replaces every row by what is left of it. */
export function rewriteRows(region: DoubleRegion, rewrite: (row: StoredRow) => StoredRow | undefined): void {
  const left = region.rows.flatMap((row) => rewrite(row) ?? []);
  region.rows.length = 0;
  for (const row of left) region.rows.push(row);
  region.bytes = left.reduce((sum, row) => sum + bytesOf(row), 0);
}

function bytesOf(row: StoredRow | undefined): number {
  return (row?.raw ?? row?.cells)?.length ?? 0;
}

export function findRow({ rows }: DoubleRegion, key: Uint8Array): StoredRow | undefined {
  const found = rows[firstRowFrom(rows, key, true)];
  return found?.key.equals(key) === true ? found : undefined;
}

/** Index of the first row at or behind `key`. */
export function firstRowFrom(rows: readonly StoredRow[], key: Uint8Array, inclusive: boolean): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = rows[middle]?.key.compare(key) ?? 0;
    if (order < 0 || (order === 0 && !inclusive)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Throws NoSuchColumnFamilyException. */
export function requireFamilies(table: DoubleTable, families: readonly FamilySelection[]): void {
  for (const { family } of families) versionsOf(table, Buffer.from(family).toString('latin1'));
}

function versionsOf({ schema }: DoubleTable, family: string): number {
  const found = schema.families.find(({ name }) => name.toString('latin1') === family);
  if (found !== undefined) return Number(found.attributes.get('VERSIONS') ?? 1);
  const message = `Column family ${family} does not exist in table ${schema.table}`;
  throw new DoubleError('regionserver.NoSuchColumnFamilyException', message, true);
}

function makeRegion(
  table: DoubleTable,
  { startKey, endKey, regionId }: { startKey: Buffer; endKey: Buffer; regionId: number },
): DoubleRegion {
  const name = table.schema.table;
  const prefix = Buffer.concat([Buffer.from(`${name},`), startKey, Buffer.from(`,${regionId}`)]);
  const encoded = createHash('md5').update(prefix).digest('hex');
  const info: RegionInfo = {
    regionId: BigInt(regionId),
    table: name,
    startKey,
    endKey,
    offline: false,
    split: false,
    replicaId: 0,
  };
  return { name: Buffer.concat([prefix, Buffer.from(`.${encoded}.`)]), info, table, rows: [], bytes: 0 };
}
