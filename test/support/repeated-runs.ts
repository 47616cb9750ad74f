// Runs of one job, one after the other, from a table of HBase's double into SQLite, and changes of the table between them.
import { hbaseSource } from '../../connectors/hbase/source/source-connector.ts';
import { mappingOf } from './hbase-cluster.ts';
import type { DoubleBed } from './double-bed.ts';
import { english } from './english.ts';
import { runLocally } from './local-run.ts';
import type { LocalRun } from './local-run.ts';
import { mutationOf } from './table-changes.ts';
import type { Mutation } from '../../connectors/hbase/client/messages/mutation.ts';

let tables = 0;

function putOf(row: string, value: string, at: number): Mutation {
  const key = Buffer.from(row);
  const [family, qualifier] = [Buffer.from('d'), Buffer.from('a')];
  const cell = {
    row: key,
    family,
    qualifier,
    timestamp: BigInt(at),
    type: 'put',
    value: Buffer.from(value),
  } as const;
  return { kind: 'put', row: key, cells: [cell] };
}

export async function openRepeatedRuns(bed: DoubleBed, policy = 'markers') {
  tables += 1;
  const table = `trusted_${tables}`;
  await bed.client.admin.createTable({ table, families: { d: {} } });
  let clock = Date.now() - 1_000_000;
  let runs = 0;
  const act = async (kind: 'put' | 'row', ...rows: string[]): Promise<void> => {
    clock += 1;
    for (const row of rows) {
      const change = kind === 'put' ? ({ kind, row, columns: ['d:a'] } as const) : ({ kind, row } as const);
      await bed.client.mutateRows(table, [mutationOf(change, clock)]);
    }
  };
  const put = async (values: Readonly<Record<string, string>>): Promise<void> => {
    clock += 1;
    for (const [row, value] of Object.entries(values))
      await bed.client.mutateRows(table, [putOf(row, value, clock)]);
  };
  const run = async (more: Partial<LocalRun> = {}): Promise<string[]> => {
    runs += 1;
    clock += 1;
    const { doubts } = await runLocally({
      source: hbaseSource,
      sourceConfig: bed.sourceConfig(table, mappingOf(['d:a']), { 'hbase.deletes': policy }),
      sink: bed.target.plugin,
      sinkConfig: bed.target.configOf(table),
      job: table,
      taskId: `task-${runs}`,
      mode: 'incremental',
      to: clock,
      ...more,
    });
    return english(doubts);
  };
  const keys = async () => (await bed.target.readRows(table, ['id'])).map(([id]) => id);
  return { table, act, put, run, keys };
}
