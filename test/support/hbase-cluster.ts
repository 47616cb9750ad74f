// The stack's HBase as suites and benches use it: by our own client, and as the source of a job.
import { HBaseClient } from '../../connectors/hbase/client/client.ts';
import type { StackEndpoints } from '../../src/stack/stack-endpoints.ts';

type HbaseEndpoint = StackEndpoints<'hbase'>['hbase'];

export function connectHbase({ quorum, clientPort }: HbaseEndpoint): HBaseClient {
  return new HBaseClient({ cluster: { zookeeper: { servers: [{ host: quorum, port: clientPort }] } } });
}

/** The source's keys that say where it is. */
export function placeOf({ quorum, clientPort }: HbaseEndpoint): Record<string, string> {
  return { 'pkuse.hbase.ip': quorum, 'pkuse.hbase.port': String(clientPort) };
}

/** A job's source; the mapping's name `id`, where it has one, is the row key. `stack`: suites without one are skipped. */
export function hbaseJobSource(
  stack: { readonly hbase: HbaseEndpoint } | null,
  table: string,
  mapping: readonly Readonly<Record<string, string>>[],
  more: Readonly<Record<string, string>> = {},
): { connector: string; config: Record<string, string> } {
  if (stack === null) throw new Error('there is no stack');
  return {
    connector: 'io.syncline.hbase.HBaseSourceConnector',
    config: {
      ...placeOf(stack.hbase),
      'pkuse.hbase.table.name': table,
      ...(mapping.some(({ sourceFiled }) => sourceFiled === 'id') && {
        'pkuse.hbase.filed.columnsKey': 'id',
      }),
      'pkuse.hbase.filed.mapping': JSON.stringify(mapping),
      ...more,
    },
  };
}

export async function dropTable(client: HBaseClient, table: string): Promise<void> {
  await client.admin.disableTable(table);
  await client.admin.deleteTable(table);
}

/** Text columns (`family:qualifier`) and the row key, which is the target's key. */
export function mappingOf(columns: readonly string[]): readonly Record<string, string>[] {
  return ['id', ...columns].map((name) => ({
    sourceFiled: name,
    targetFiled: name.replace(/.*:/, ''),
    fieldType: 'varchar(40)',
    ispk: name === 'id' ? '1' : '0',
  }));
}
