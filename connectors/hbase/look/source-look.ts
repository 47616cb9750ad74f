// Looking into an HBase cluster for the wizard: every call is bounded in time, and reads some hundred rows at most.
import { systemClock } from '../../../src/core/clock.ts';
import type { ConnectorConfig } from '../../../src/core/connector/config-def.ts';
import { readOrThrow } from '../../../src/core/connector/config.ts';
import { SyncError, toSyncError } from '../../../src/core/errors.ts';
import type {
  ColumnLook,
  ColumnsLook,
  PartsLook,
  SourceLook,
  TablePlace,
} from '../../../src/core/connector/source-look.ts';
import { clusterConfig } from '../cluster/cluster-config.ts';
import { onSide } from '../cluster/side-errors.ts';
import { resolveColumns } from '../mapping/column-resolution.ts';
import { hbaseSourceConfig } from '../source/source-config.ts';
import { asKeyField } from '../mapping/field-mapping.ts';
import { findMerging } from '../mapping/key-merging.ts';
import { printName } from '../mapping/column-name.ts';
import { printKey } from '../mapping/printable-key.ts';
import { clipRegions } from '../plan/row-range.ts';
import { HBaseClient } from '../client/client.ts';
import { addressOf } from '../client/messages/server-name.ts';
import { sampleTable } from '../plan/table-sample.ts';
import { guessValue } from './guess-encoding.ts';
import { sampleSomeRows } from './sample-rows.ts';
import type { RowSample } from './sample-rows.ts';
import { testRows } from './test-mapping.ts';

/** Somebody waits in front of a screen. */
const budgetMs = 4_000;
const maxRegions = 1_000;
const maxValueBytes = 200;
/** Where HBase looks for a table that is named without one. */
const defaultNamespace = 'default';

/** Only the keys that say where the cluster is are read, but for `testMapping`. Throws BAD_INPUT naming the key. */
export function openSourceLook(config: ConnectorConfig, signal: AbortSignal): SourceLook {
  const client = openLookClient(config);
  const look = new HBaseLook(client, { retryBudgetMs: budgetMs, signal });
  return {
    listNamespaces: () => inTime(signal, () => client.admin.listNamespaces(look.options)),
    listTables: (namespace) => inTime(signal, () => look.listTables(namespace)),
    listParts: (place) => inTime(signal, () => look.listRegions(place)),
    sampleColumns: (place, rows) => inTime(signal, () => look.sampleColumns(place, rows)),
    sampleRows: (place, rows) => inTime(signal, () => look.sampleRows(place, rows)),
    testMapping: (full, rows) => inTime(signal, () => look.testMapping(full, rows)),
    close: () => {
      client.close();
      return Promise.resolve();
    },
  };
}

function openLookClient(config: ConnectorConfig): HBaseClient {
  const { cluster, user, kerberos, tls } = readOrThrow(clusterConfig, config);
  return new HBaseClient({
    cluster,
    effectiveUser: user,
    kerberos,
    tls,
    retryBudgetMs: budgetMs,
    connectTimeoutMs: budgetMs,
  });
}

/** A call that the clock ended is one that HBase did not answer. */
async function inTime<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await onSide('SOURCE', work);
  } catch (cause) {
    const { message } = toSyncError(cause);
    if (signal.aborted)
      throw new SyncError('SOURCE_UNREACHABLE', { message: 'looking into HBase: no answer in time', cause });
    if (/TableNotFoundException|there is no such table|no such namespace|NamespaceNotFound/i.test(message))
      throw new SyncError('NOT_FOUND', { message, cause });
    throw cause;
  }
}

class HBaseLook {
  readonly options: { readonly retryBudgetMs: number; readonly signal: AbortSignal };
  readonly #client: HBaseClient;

  constructor(client: HBaseClient, options: HBaseLook['options']) {
    this.#client = client;
    this.options = options;
  }

  async listTables(given: string | null): Promise<readonly string[]> {
    const namespace = given ?? defaultNamespace;
    const names = await this.#client.admin.listTables(namespace, this.options);
    // Names in namespace default come without it.
    return names
      .map((name) => (name.includes(':') ? name : `${defaultNamespace}:${name}`))
      .filter((name) => name.startsWith(`${namespace}:`))
      .map((name) => name.slice(namespace.length + 1))
      .sort();
  }

  async listRegions(place: TablePlace): Promise<PartsLook> {
    const table = nameOf(place);
    const regions = await this.#client.regions(table, this.options);
    const loads = await this.#client.regionLoads(table, this.options);
    const sizes = new Map(
      loads.map((load) => [
        load.regionName.toString('hex'),
        load.storefileMegabytes + load.memstoreMegabytes,
      ]),
    );
    return {
      total: regions.length,
      parts: regions.slice(0, maxRegions).map(({ name, info, server }) => ({
        startKey: printKey(info.startKey),
        endKey: printKey(info.endKey),
        server: server === undefined ? null : addressOf(server),
        sizeMegabytes: sizes.get(name.toString('hex')) ?? null,
      })),
    };
  }

  async sampleColumns(place: TablePlace, wanted: number): Promise<ColumnsLook> {
    const { rows, whole } = await this.#sample(place, wanted);
    const values = new Map<string, Buffer[]>();
    for (const { cells } of rows)
      for (const { family, qualifier, value } of cells) {
        const column = `${family}:${printName(qualifier)}`;
        const known = values.get(column);
        if (known === undefined) values.set(column, [value]);
        else known.push(value);
      }
    const columns = [...values].map(([column, found]): ColumnLook => ({
      column,
      coverage: found.length / rows.length,
      guess: guessValue(found),
    }));
    const key = guessValue(rows.map((row) => row.key));
    return { sampledRows: rows.length, whole, key, columns };
  }

  async sampleRows(place: TablePlace, wanted: number): ReturnType<SourceLook['sampleRows']> {
    const { rows } = await this.#sample(place, wanted);
    return rows.map(({ key, cells }) => ({
      key: printKey(key),
      cells: cells.map(({ family, qualifier, timestamp, value }) => ({
        column: `${family}:${printName(qualifier)}`,
        timestamp,
        value: printKey(value.subarray(0, maxValueBytes)),
        bytes: value.length,
      })),
    }));
  }

  async testMapping(config: ConnectorConfig, wanted: number): ReturnType<SourceLook['testMapping']> {
    const parsed = hbaseSourceConfig.read(config);
    if ('problems' in parsed)
      return {
        problems: parsed.problems.map(({ key, message }) => `${key}: ${message}`),
        notes: [],
        rows: [],
      };
    const { mapping, table, rows: range } = parsed.value;
    const schema = await this.#client.admin.describeTable(table, this.options);
    if (schema === undefined)
      throw new SyncError('NOT_FOUND', { message: `testing the mapping: there is no such table: ${table}` });
    const families = schema.families.map(({ name }) => printName(name));
    const regions = clipRegions(await this.#client.regions(table, this.options), range);
    const limits = { ...this.options, clock: systemClock, limitMs: budgetMs };
    const sample = await sampleTable(this.#client, table, { ...limits, regions });
    try {
      const { columns, notes } = resolveColumns({ mapping, table, families, sample });
      const { rows } = await sampleSomeRows(this.#client, table, { ...this.options, regions, rows: wanted });
      const mapped = mapping.fields.map((field, index) => {
        const column = columns[index] ?? null;
        return { field: asKeyField(field, column), column };
      });
      const merging = findMerging(mapping.fields, columns);
      return {
        problems: merging === undefined || merging.chosen ? [] : [merging.reason.en],
        notes: merging?.chosen === true ? [...notes, merging.reason] : notes,
        rows: testRows(mapped, rows),
      };
    } catch (error) {
      const { code, message } = toSyncError(error);
      if (code !== 'MAPPING_INVALID') throw error;
      return { problems: [message], notes: [], rows: [] };
    }
  }

  async #sample(place: TablePlace, rows: number): Promise<RowSample> {
    const table = nameOf(place);
    const regions = await this.#client.regions(table, this.options);
    return sampleSomeRows(this.#client, table, { ...this.options, regions, rows });
  }
}

function nameOf({ namespace, table }: TablePlace): string {
  return `${namespace ?? defaultNamespace}:${table}`;
}
