// Finding the region of a row, and not believing anything that meta does not say now.
//   usable: OPEN, on a server, no split parent. Else: wait and read meta again; after a few times ask for the table's state, which
//   tells "disabled" and "no such table" from "moving".
//   Or: where its last server said that it went, which is tried once.
//   A region that does not hold the row is never used: a scan that starts outside its region is answered with no rows, not with an error.
import type { Clock } from '../../../../src/core/clock.ts';
import type { Caller } from '../wire/connections.ts';
import type { ServerAddress } from '../messages/server-name.ts';
import { HBaseError } from '../exceptions.ts';
import { MetaTable } from './meta-table.ts';
import type { WrittenState } from './meta-table.ts';
import type { RegionInfo } from '../messages/region-info.ts';
import { addressOf } from '../messages/server-name.ts';
import { canonicalTableName } from '../messages/table-name.ts';
import { RegionCache } from './region-cache.ts';
import { isUsable, regionContains, regionEndsAtOrHolds, regionLabel } from './region-location.ts';
import type { RegionLocation, UsableLocation } from './region-location.ts';
import type { Registry } from './registry.ts';
import type { RetryBudget } from '../retry-budget.ts';

const attemptsBeforeAskingState = 3;

interface Search {
  /** For the message. */
  readonly row: Uint8Array;
  readonly signal: AbortSignal | undefined;
  readonly known: () => UsableLocation | undefined;
  /** From meta. */
  readonly read: () => Promise<RegionLocation | undefined>;
  readonly holds: (info: RegionInfo) => boolean;
}

export class RegionLocator {
  readonly meta: MetaTable;
  readonly #connections: Caller;
  readonly #cache = new RegionCache();
  /** Tables whose regions were read at once; later misses read one row of meta each. */
  readonly #loaded = new Set<string>();

  constructor(connections: Caller, registry: Registry, clock: Clock) {
    this.#connections = connections;
    this.meta = new MetaTable(connections, registry, clock);
  }

  /** The region of `row`, if nothing has disproved it since it was read. */
  known(table: string, bytes: Uint8Array, start?: number, end?: number): UsableLocation | undefined {
    return this.#cache.find(table, bytes, start, end);
  }

  /**
   * The region that holds `row`, on a server that serves it now as far as meta knows.
   * @throws HBaseError when there is no such table, it is disabled, or `budget` is spent
   */
  locate(table: string, row: Uint8Array, budget: RetryBudget, signal?: AbortSignal): Promise<UsableLocation> {
    const name = canonicalTableName(table);
    return this.#find(name, budget, {
      row,
      signal,
      known: () => this.#cache.find(name, row),
      read: () => this.#read(name, row, signal),
      holds: (info) => regionContains(info, row),
    });
  }

  /** The region that a scan backwards enters: it holds the last row before `row`, or the table's last row when that is empty. */
  locateBefore(
    table: string,
    row: Uint8Array,
    budget: RetryBudget,
    signal?: AbortSignal,
  ): Promise<UsableLocation> {
    const name = canonicalTableName(table);
    const holds = (info: RegionInfo): boolean => regionEndsAtOrHolds(info, row);
    return this.#find(name, budget, {
      row,
      signal,
      known: () => this.#cache.findBefore(name, row),
      read: async () => (await this.#load(name, signal)).find(({ info }) => holds(info)),
      holds,
    });
  }

  async #find(table: string, budget: RetryBudget, search: Search): Promise<UsableLocation> {
    for (let attempt = 1; ; attempt++) {
      const known = search.known();
      if (known !== undefined) return known;
      try {
        const found = await search.read();
        if (found !== undefined && isUsable(found) && search.holds(found.info)) return found;
        if (found === undefined || attempt >= attemptsBeforeAskingState)
          await this.#checkState(table, search.signal);
        throw notServed(table, search.row, { found, holds: search.holds });
      } catch (error) {
        await budget.failed(error);
      }
    }
  }

  /** All regions of a table in key order, without split parents; whether they are served does not matter here. */
  async regions(table: string, budget: RetryBudget, signal?: AbortSignal): Promise<RegionLocation[]> {
    const name = canonicalTableName(table);
    for (;;) {
      try {
        const regions = await this.#load(name, signal);
        if (regions.length === 0) await this.#checkState(name, signal);
        if (isWhole(regions)) return regions;
        throw new HBaseError({
          message: `reading the regions of ${name}: hbase:meta shows a gap`,
          recovery: 'backoff',
        });
      } catch (error) {
        await budget.failed(error);
      }
    }
  }

  /** As hbase:meta has it; undefined when there is no such table. */
  async stateOf(table: string, budget: RetryBudget, signal?: AbortSignal): Promise<WrittenState | undefined> {
    for (;;) {
      try {
        return await this.meta.tableState(canonicalTableName(table), signal);
      } catch (error) {
        await budget.failed(error);
      }
    }
  }

  /**
   * After a failed call: forget what it disproved, so that the next `locate` reads meta. A server that says where a region went is
   * believed once: of tables that were disabled or dropped, servers tell of one another for ever.
   */
  forget(location: UsableLocation, error: HBaseError): void {
    if (error.recovery === 'relocate') {
      const wasKnown = this.#cache.remove(location);
      if (wasKnown && location.hinted !== true && error.movedTo !== undefined)
        this.#cache.add({ ...location, server: { ...error.movedTo, startCode: 0n }, hinted: true });
    } else if (error.recovery === 'drop-server') this.dropServer(location.server);
  }

  dropServer(server: ServerAddress): void {
    this.#cache.removeServer(`${server.host}:${server.port}`);
    this.#connections.drop(server);
  }

  forgetTable(table: string): void {
    const name = canonicalTableName(table);
    this.#cache.removeTable(name);
    this.#loaded.delete(name);
  }

  async #read(table: string, row: Uint8Array, signal?: AbortSignal): Promise<RegionLocation | undefined> {
    if (!this.#loaded.has(table)) {
      const regions = await this.#load(table, signal);
      return regions.find((region) => regionContains(region.info, row));
    }
    const found = await this.meta.regionOf(table, row, signal);
    if (found !== undefined && isUsable(found)) this.#cache.add(found);
    return found;
  }

  async #load(table: string, signal?: AbortSignal): Promise<RegionLocation[]> {
    const all = await this.meta.regions(table, signal);
    const regions = all.filter((region) => region.info.replicaId === 0 && !region.info.split);
    this.#cache.replaceTable(table, regions.filter(isUsable));
    if (regions.length > 0) this.#loaded.add(table);
    return regions;
  }

  async #checkState(table: string, signal?: AbortSignal): Promise<void> {
    const state = (await this.meta.tableState(table, signal))?.state;
    if (state === 'ENABLED' || state === 'ENABLING') return;
    const trouble =
      state === undefined ? 'there is no such table' : `the table is ${state.toLowerCase()}; enable it`;
    const className = state === undefined ? 'TableNotFoundException' : 'TableNotEnabledException';
    throw new HBaseError({
      message: `locating regions of ${table}: ${trouble}`,
      recovery: 'fail',
      // Somebody who truncates or alters a table disables it for a moment: whoever has more time may ask again.
      retriable: state !== undefined,
      className,
    });
  }
}

/** Do the regions cover all keys, each beginning where the one before ends? */
function isWhole(regions: readonly RegionLocation[]): boolean {
  let expected: Buffer = Buffer.alloc(0);
  for (const [index, { info }] of regions.entries()) {
    if (!info.startKey.equals(expected)) return false;
    if (info.endKey.length === 0) return index === regions.length - 1;
    expected = info.endKey;
  }
  return false;
}

function notServed(
  table: string,
  row: Uint8Array,
  { found, holds }: { readonly found: RegionLocation | undefined; readonly holds: Search['holds'] },
): HBaseError {
  const why =
    found === undefined || !holds(found.info)
      ? 'hbase:meta has no region that holds it now'
      : `region ${regionLabel(found.name)} is not served now: ${whyNot(found)}`;
  return new HBaseError({
    message: `locating row ${regionLabel(row)} of ${table}: ${why}`,
    recovery: 'backoff',
  });
}

function whyNot({ info, state, server }: RegionLocation): string {
  const where = server === undefined ? 'on no server' : `on ${addressOf(server)}`;
  return info.offline ? `it is offline, last ${where}` : `it is ${state ?? 'in an unknown state'} ${where}`;
}
