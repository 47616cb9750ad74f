// The HBase client: what the connectors, the demo and the tests use. Everything below this file is the wire.
//   one client = one cluster, one socket per server and service; cheap to make, connects on first use, close() it
import { systemClock } from '../../../src/core/clock.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { CallContext, CallOptions } from './call-context.ts';
import { budgetFor } from './call-context.ts';
import { decodeCells } from './wire/cell-block.ts';
import type { Cell } from './wire/cell-block.ts';
import { checkAndMutate } from './mutate/check-and-mutate.ts';
import type { TlsOptions } from './wire/connection.ts';
import { Connections } from './wire/connections.ts';
import type { ServerAddress } from './messages/server-name.ts';
import { countByCoprocessor } from './scan/coprocessor-count.ts';
import type { HBaseError } from './exceptions.ts';
import { RegionLocator } from './regions/locating.ts';
import { wholeTable } from './key-range.ts';
import type { KeyRange } from './key-range.ts';
import type { RegionLoad } from './messages/admin.ts';
import type { CheckAndMutate } from './messages/check-and-mutate.ts';
import type { Get } from './messages/get.ts';
import type { Mutation } from './messages/mutation.ts';
import type { Action } from './messages/multi.ts';
import { addressOf } from './messages/server-name.ts';
import { runActions } from './mutate/multi-call.ts';
import { mutateBlock } from './mutate/mutate-block.ts';
import type { BlockPart } from './mutate/mutate-block.ts';
import type { MultiOutcome } from './mutate/multi-call.ts';
import type { RegionLocation } from './regions/region-location.ts';
import { rpcRegistry, zookeeperRegistry } from './regions/registry.ts';
import type { ZookeeperPlace } from './regions/registry.ts';
import { bestSplitRow, compactTable, flushTable, regionLoads } from './admin/region-admin.ts';
import { countRows, estimateRows } from './scan/row-count.ts';
import type { CountOptions, RowCount } from './scan/row-count.ts';
import type { KerberosOptions } from './sasl/kerberos-options.ts';
import { TableScanner } from './scan/scanner.ts';
import type { ScanOptions } from './scan/scanner.ts';
import { TableAdmin } from './admin/table-admin.ts';

/** How to find the cluster: its ZooKeeper, or any of its masters and region servers. */
export type ClusterPlace =
  { readonly zookeeper: ZookeeperPlace } | { readonly servers: readonly ServerAddress[] };

export interface HBaseClientOptions {
  readonly cluster: ClusterPlace;
  /** Name that HBase sees (simple authentication believes it); default `syncline`, never empty. */
  readonly effectiveUser?: string;
  /** Encrypts the connections to masters and region servers; default: plain text. */
  readonly tls?: TlsOptions | undefined;
  /** For clusters with hbase.security.authentication=kerberos; `effectiveUser` is not used then. */
  readonly kerberos?: KerberosOptions | undefined;
  /** Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** An operation that makes no progress for so long fails with its last cause; default 10 min. */
  readonly retryBudgetMs?: number;
  /** Told of every failure that is going to be tried again, and the pause before it. */
  readonly onRetry?: (error: HBaseError, pauseMs: number) => void;
  readonly clock?: Clock;
}

/**
 * All methods throw HBaseError: code HBASE_UNREACHABLE when no answer came, HBASE_FAILED when HBase refused; and the abort reason.
 * Table names are `namespace:table`, or `table` in namespace default.
 */
export class HBaseClient {
  readonly admin: TableAdmin;
  readonly #context: CallContext;

  constructor(options: HBaseClientOptions) {
    const { cluster, tls, kerberos, clock = systemClock, effectiveUser = 'syncline' } = options;
    const connections = new Connections({
      effectiveUser,
      tls,
      kerberos,
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    });
    const registry =
      'zookeeper' in cluster
        ? zookeeperRegistry(cluster.zookeeper)
        : rpcRegistry(connections, cluster.servers);
    const locator = new RegionLocator(connections, registry, clock);
    const { retryBudgetMs = 600_000, onRetry } = options;
    this.#context = { connections, registry, locator, clock, retryBudgetMs, onRetry };
    this.admin = new TableAdmin(this.#context);
  }

  /** All rows of a key range, in order, each whole. Iterate the result once. */
  scan(options: ScanOptions): TableScanner {
    return new TableScanner(this.#context, options);
  }

  /** Rows by key, in the order asked; a row without cells comes back empty. Up to a few thousand at a time. */
  getRows(table: string, gets: readonly Get[], options?: CallOptions): Promise<MultiOutcome> {
    return runActions(
      this.#context,
      table,
      gets.map((get) => ({ get })),
      options,
    );
  }

  /** The cells of one row, as objects of their own; none when the row has none that `get` asks for. */
  async get(table: string, get: Get, options?: CallOptions): Promise<Cell[]> {
    const found = await this.getRows(table, [get], options);
    try {
      return found.rows.flatMap(({ buffer, start, end }) => decodeCells(buffer, start, end));
    } finally {
      found.release();
    }
  }

  /** Whether each row has a cell that its get asks for; nothing else is sent. In the order asked. */
  async exist(table: string, gets: readonly Get[], options?: CallOptions): Promise<boolean[]> {
    const asked = gets.map((get) => ({ ...get, existenceOnly: true }));
    const found = await this.getRows(table, asked, options);
    found.release();
    return found.rows.map(({ exists }) => exists === true);
  }

  /** Puts, deletes and gets in one; those of one row in their order, all others in any. Rows in the order of the actions. */
  batch(table: string, actions: readonly Action[], options?: CallOptions): Promise<MultiOutcome> {
    return runActions(this.#context, table, actions, options);
  }

  /** Puts and deletes, each atomic by itself; returns when all are done. Up to a few thousand at a time. */
  async mutateRows(table: string, mutations: readonly Mutation[], options?: CallOptions): Promise<void> {
    const actions = mutations.map((mutation) => ({ mutation }));
    (await runActions(this.#context, table, actions, options)).release();
  }

  /** As `mutateRows`, of mutations that are bytes already: nothing is made per row. The block may not change meanwhile. */
  mutateBlock(table: string, part: BlockPart, options?: CallOptions): Promise<void> {
    return mutateBlock(this.#context, table, part, options);
  }

  /**
   * Changes one row if one of its columns holds what is expected: all mutations or none. false: it does not, or a repeat after a
   * lost answer found the change done already.
   */
  checkAndMutate(table: string, change: CheckAndMutate, options?: CallOptions): Promise<boolean> {
    return checkAndMutate(this.#context, table, change, options);
  }

  /** The table's regions in key order, without gap or overlap; fails when there is no such table. */
  regions(table: string, options: CallOptions = {}): Promise<RegionLocation[]> {
    const budget = budgetFor(this.#context, options, `reading the regions of ${table}`);
    return this.#context.locator.regions(table, budget, options.signal);
  }

  /** host:port of the region server where a row is, or would be, served now. */
  async serverOf(table: string, row: Uint8Array, options: CallOptions = {}): Promise<string> {
    const budget = budgetFor(this.#context, options, `locating a row of ${table}`);
    const { server } = await this.#context.locator.locate(table, row, budget, options.signal);
    return addressOf(server);
  }

  /** Rows with at least one cell, counted on the servers: they read the whole range, almost nothing is sent. */
  countRows(
    table: string,
    ranges: KeyRange | readonly KeyRange[] = wholeTable,
    options?: CountOptions,
  ): Promise<RowCount> {
    return countRows(this.#context, table, [ranges].flat(), options);
  }

  /** As `countRows`, by the coprocessor AggregateService alone; undefined when the table's regions have it not loaded. */
  countRowsByCoprocessor(
    table: string,
    range: KeyRange = wholeTable,
    options: CallOptions = {},
  ): Promise<number | undefined> {
    return countByCoprocessor(this.#context, table, range, options);
  }

  /** From region sizes and sampled rows; exact for small tables, which are counted. */
  estimateRows(table: string, options?: CallOptions): Promise<RowCount> {
    return estimateRows(this.#context, table, options);
  }

  /** Sizes of the table's regions as their servers tell them, in whole MB. */
  regionLoads(table: string, options?: CallOptions): Promise<RegionLoad[]> {
    return regionLoads(this.#context, table, options);
  }

  /**
   * The row in the middle of a region's data, as its server would split it; undefined where it has none in files. The server first
   * flushes a region that has all its data in memory.
   */
  bestSplitRow(region: RegionLocation, options?: CallOptions): Promise<Buffer | undefined> {
    return bestSplitRow(this.#context, region, options);
  }

  flushTable(table: string, options?: CallOptions): Promise<void> {
    return flushTable(this.#context, table, options);
  }

  /** Asks for a major compaction and returns at once. */
  compactTable(table: string, options?: CallOptions): Promise<void> {
    return compactTable(this.#context, table, options);
  }

  close(): void {
    this.#context.connections.close();
  }
}
