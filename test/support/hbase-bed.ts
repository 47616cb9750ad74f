// Our client and the oracle side by side on one HBase, with tables that go away at the end.
import { expect } from 'vitest';
import { HBaseClient } from '../../connectors/hbase/client/client.ts';
import type { ScanOptions } from '../../connectors/hbase/client/scan/scanner.ts';
import type { HbaseEndpoint } from '../../src/stack/stack-endpoints.ts';
import { startHbaseOracle } from './hbase-oracle.ts';
import type { HbaseOracle, OracleFamily, OracleScan } from './hbase-oracle.ts';
import { readTable } from './read-table.ts';
import type { ReadTable } from './read-table.ts';

export interface HbaseTestBed {
  readonly client: HBaseClient;
  readonly oracle: HbaseOracle;
  /** Beginning of all names of this run. */
  readonly unique: string;
  /** A table of families f and g, unless told otherwise; returns its name. */
  makeTable(
    name: string,
    splitKeys?: readonly Uint8Array[],
    families?: readonly (string | OracleFamily)[],
  ): Promise<string>;
  /** Our scan must equal the oracle's in rows, cells and checksum. */
  expectEqual(table: string, ours?: Partial<ScanOptions>, theirs?: OracleScan): Promise<ReadTable>;
  close(): Promise<void>;
}

export async function openHbaseBed(stack: { readonly hbase: HbaseEndpoint }): Promise<HbaseTestBed> {
  const { quorum, clientPort } = stack.hbase;
  const cluster = { zookeeper: { servers: [{ host: quorum, port: clientPort }] } };
  const client = new HBaseClient({ cluster, retryBudgetMs: 60_000 });
  const oracle = await startHbaseOracle(stack);
  const unique = Date.now().toString(36);
  const made: string[] = [];
  return {
    client,
    oracle,
    unique,
    makeTable: async (name, splitKeys = [], families = ['f', 'g']) => {
      const table = `${unique}_${name}`;
      made.push(table);
      await oracle.createTable(table, families, splitKeys);
      return table;
    },
    expectEqual: async (table, ours = {}, theirs = {}) => {
      const read = await readTable(client, table, ours);
      const { rows, cells, sum } = read;
      expect({ rows, cells, sum }).toEqual(await oracle.checksum(table, theirs));
      return read;
    },
    close: async () => {
      for (const table of made) await oracle.dropTable(table);
      client.close();
      await oracle.close();
    },
  };
}
