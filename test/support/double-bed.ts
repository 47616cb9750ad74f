// The HBase double and an SQLite file, for unit suites that sync one into the other.
import { HBaseClient } from '../../connectors/hbase/client/client.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { startHbaseDouble } from '../../src/demo/hbase-double/start-double.ts';
import type { HbaseDouble } from '../../src/demo/hbase-double/start-double.ts';
import type { SinkBed } from '../conformance/sink-bed.ts';
import { openSqliteBed } from '../connectors/sqlite/sqlite-bed.ts';

export interface DoubleBed {
  readonly double: HbaseDouble;
  readonly client: HBaseClient;
  readonly target: SinkBed;
  /** Of a source; the mapping's name `id` is the row key. */
  sourceConfig(
    table: string,
    mapping: readonly Readonly<Record<string, string>>[],
    more?: ConnectorConfig,
  ): ConnectorConfig;
  close(): Promise<void>;
}

export async function openDoubleBed(): Promise<DoubleBed> {
  const double = await startHbaseDouble();
  const client = new HBaseClient({ cluster: { servers: [double] } });
  const target = await openSqliteBed();
  return {
    double,
    client,
    target,
    sourceConfig: (table, mapping, more = {}) => ({
      'hbase.masters': `${double.host}:${double.port}`,
      'pkuse.hbase.table.name': table,
      'pkuse.hbase.filed.columnsKey': 'id',
      'pkuse.hbase.filed.mapping': JSON.stringify(mapping),
      ...more,
    }),
    close: async () => {
      client.close();
      await double.close();
      await target.close();
    },
  };
}
