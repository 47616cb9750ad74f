// Tables and namespaces, through the master.
import { budgetFor } from '../call-context.ts';
import type { CallContext, CallOptions } from '../call-context.ts';
import { MasterCalls } from './master-calls.ts';
import { decodeClusterStatusResponse, encodeClusterStatusRequest } from '../messages/cluster-status.ts';
import type { ClusterStatus } from '../messages/cluster-status.ts';
import {
  encodeCreateNamespace,
  encodeCreateTable,
  encodeDeleteNamespace,
  encodeMoveRegion,
  encodeSplitRegion,
  encodeTableChange,
} from '../messages/master.ts';
import type { ServerName } from '../messages/server-name.ts';
import { canonicalTableName } from '../messages/table-name.ts';
import {
  decodeNamespacesResponse,
  decodeTableDescriptorsResponse,
  decodeTableNamesResponse,
  encodeTableDescriptorsRequest,
  encodeTableNamesRequest,
} from '../messages/table-schema.ts';
import type { TableSchema } from '../messages/table-schema.ts';
import type { WrittenState } from '../regions/meta-table.ts';
import type { RegionLocation } from '../regions/region-location.ts';

export interface NewTable {
  readonly table: string;
  /** Family name → its attributes, e.g. { VERSIONS: '3' }; what is not named has HBase's defaults. */
  readonly families: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Of the table as a whole, e.g. { coprocessor$1: '|org.example.Counter|1001|' }. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** First keys of all regions but the first, ascending; none = one region. */
  readonly splitKeys?: readonly Uint8Array[];
}

/** All methods take the call's options last and throw HBaseError. */
export class TableAdmin {
  readonly #master: MasterCalls;
  readonly #context: CallContext;

  constructor(context: CallContext) {
    this.#context = context;
    this.#master = new MasterCalls(context);
  }

  /** Returns when all regions serve. */
  async createTable(
    { table, families, attributes = {}, splitKeys = [] }: NewTable,
    options?: CallOptions,
  ): Promise<void> {
    const schemas = Object.entries(families).map(([name, attributes]) => ({
      name: Buffer.from(name),
      attributes: new Map(Object.entries(attributes)),
    }));
    const schema = { table, attributes: new Map(Object.entries(attributes)), families: schemas };
    await this.#master.run('CreateTable', encodeCreateTable(schema, splitKeys), options);
  }

  async disableTable(table: string, options?: CallOptions): Promise<void> {
    await this.#master.run('DisableTable', encodeTableChange(table), options);
    this.#context.locator.forgetTable(table);
  }

  async enableTable(table: string, options?: CallOptions): Promise<void> {
    await this.#master.run('EnableTable', encodeTableChange(table), options);
  }

  /** The table must be disabled. */
  async deleteTable(table: string, options?: CallOptions): Promise<void> {
    await this.#master.run('DeleteTable', encodeTableChange(table), options);
    this.#context.locator.forgetTable(table);
  }

  async createNamespace(namespace: string, options?: CallOptions): Promise<void> {
    await this.#master.run('CreateNamespace', encodeCreateNamespace(namespace), options);
  }

  async deleteNamespace(namespace: string, options?: CallOptions): Promise<void> {
    await this.#master.run('DeleteNamespace', encodeDeleteNamespace(namespace), options);
  }

  async listNamespaces(options?: CallOptions): Promise<string[]> {
    return decodeNamespacesResponse(
      await this.#master.call('ListNamespaceDescriptors', Buffer.alloc(0), options),
    );
  }

  /** User tables; of one namespace when named. */
  async listTables(namespace?: string, options?: CallOptions): Promise<string[]> {
    return decodeTableNamesResponse(
      await this.#master.call('GetTableNames', encodeTableNamesRequest(namespace), options),
    );
  }

  /** Families with their attributes; undefined when there is no such table. */
  async describeTable(table: string, options?: CallOptions): Promise<TableSchema | undefined> {
    const request = encodeTableDescriptorsRequest([table]);
    const schemas = decodeTableDescriptorsResponse(
      await this.#master.call('GetTableDescriptors', request, options),
    );
    return schemas.find((schema) => schema.table === canonicalTableName(table));
  }

  /** Whether it is enabled, and since when; undefined when there is no such table. */
  tableState(table: string, options: CallOptions = {}): Promise<WrittenState | undefined> {
    const budget = budgetFor(this.#context, options, `reading the state of ${table}`);
    return this.#context.locator.stateOf(table, budget, options.signal);
  }

  /** Version, and each live server with its own clock at its last report. */
  async clusterStatus(options?: CallOptions): Promise<ClusterStatus> {
    return decodeClusterStatusResponse(
      await this.#master.call('GetClusterStatus', encodeClusterStatusRequest(), options),
    );
  }

  /** Returns when the region serves on its new server. */
  async moveRegion(region: RegionLocation, destination: ServerName, options?: CallOptions): Promise<void> {
    await this.#master.call('MoveRegion', encodeMoveRegion(region.name, destination), options);
  }

  async splitRegion(region: RegionLocation, splitRow: Uint8Array, options?: CallOptions): Promise<void> {
    await this.#master.run('SplitRegion', encodeSplitRegion(region.info, splitRow), options);
  }
}
