// A source that was emptied by mistake does not empty the target: whole runs from the double of HBase into SQLite, by comparison of keys.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HBaseClient } from '../../../connectors/hbase/rpc/client.ts';
import { hbaseSource } from '../../../connectors/hbase/source-connector.ts';
import { startHbaseDouble } from '../../../src/demo/hbase-double/start-double.ts';
import type { HbaseDouble } from '../../../src/demo/hbase-double/start-double.ts';
import type { RunCounts } from '../../../src/core/status.ts';
import type { SinkBed } from '../../conformance/sink-bed.ts';
import { runLocally } from '../../support/local-run.ts';
import { putRows } from '../../support/read-table.ts';
import { openSqliteBed } from '../sqlite/sqlite-bed.ts';

let double: HbaseDouble;
let client: HBaseClient;
let target: SinkBed;
let tables = 0;

beforeAll(async () => {
  double = await startHbaseDouble();
  client = new HBaseClient({ cluster: { servers: [double] } });
  target = await openSqliteBed();
});

afterAll(async () => {
  client.close();
  await double.close();
  await target.close();
});

/** A table of so many rows that was read into the target once. */
async function setup(rows: number) {
  tables += 1;
  const table = `limited_${tables}`;
  await client.admin.createTable({ table, families: { f: {} } });
  const all = Array.from({ length: rows }, (_, index) => Buffer.from(`k${String(index).padStart(6, '0')}`));
  await putRows(
    client,
    table,
    all.map((key) => ({ key, columns: { 'f:a': 'x' } })),
  );
  let runs = 0;
  const run = async (removalLimit: number): Promise<RunCounts> => {
    runs += 1;
    const { counts } = await runLocally({
      source: hbaseSource,
      sourceConfig: {
        'hbase.masters': `${double.host}:${double.port}`,
        'pkuse.hbase.table.name': table,
        'pkuse.hbase.filed.columnsKey': 'id',
        'hbase.deletes': 'reconcile',
        'pkuse.hbase.filed.mapping': JSON.stringify([
          { sourceFiled: 'id', targetFiled: 'id', fieldType: 'varchar(40)', ispk: '1' },
          { sourceFiled: 'f:a', targetFiled: 'a', fieldType: 'varchar(40)' },
        ]),
      },
      sink: target.plugin,
      sinkConfig: target.configOf(table),
      job: table,
      taskId: `task-${runs}`,
      mode: 'full',
      to: Date.now(),
      removalLimit,
    });
    return counts;
  };
  const remove = (first: number, end = rows): Promise<void> =>
    client.mutateRows(
      table,
      all.slice(first, end).map((row) => ({ kind: 'delete', row, cells: [] })),
    );
  const left = async (): Promise<number> => (await target.readRows(table, ['id'])).length;
  await run(20);
  return { table, run, remove, left };
}

it('an emptied source fails the run before anything is removed, and says what to do; told to, the run empties the target', async () => {
  const { run, remove, left } = await setup(300);
  await remove(0);
  await expect(run(20)).rejects.toMatchObject({
    code: 'REMOVAL_LIMIT',
    field: 'reconcile.limit.percent',
    retriable: false,
    message: expect.stringMatching(/at least 300 of the target's 300 rows .* 20 %/) as string,
  });
  expect(await left()).toBe(300);
  expect(await run(100)).toMatchObject({ removed: 300 });
  expect(await left()).toBe(0);
});

it('up to the percentage of the rows may go, and not one more', async () => {
  const { run, remove, left } = await setup(400);
  await remove(319);
  await expect(run(20)).rejects.toMatchObject({ code: 'REMOVAL_LIMIT' });
  expect(await left()).toBe(400);
  const more = await setup(400);
  await more.remove(320);
  expect(await more.run(20)).toMatchObject({ removed: 80 });
  expect(await more.left()).toBe(320);
});

it('of a small table most rows may go, but not all', async () => {
  const { run, remove, left } = await setup(50);
  await remove(1);
  expect(await run(20)).toMatchObject({ removed: 49 });
  await remove(0);
  await expect(run(20)).rejects.toMatchObject({ code: 'REMOVAL_LIMIT' });
  expect(await left()).toBe(1);
});

it('what a run that failed had put aside is not removed by the next one', async () => {
  const { table, run, remove, left } = await setup(100);
  await remove(10);
  await expect(run(20)).rejects.toMatchObject({ code: 'REMOVAL_LIMIT' });
  await putRows(
    client,
    table,
    Array.from({ length: 100 }, (_, index) => ({
      key: Buffer.from(`k${String(index).padStart(6, '0')}`),
      columns: { 'f:a': 'again' },
    })),
  );
  expect(await run(20)).toMatchObject({ removed: 0 });
  expect(await left()).toBe(100);
});

it('does not put the keys of a big target aside first, when its source is empty', async () => {
  const { table, run, left } = await setup(1);
  await target.execute(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) INSERT INTO ${table} SELECT 'z' || i, 'x' FROM n`,
  );
  await expect(run(20)).rejects.toThrow("at least 10999 of the target's 30001 rows");
  expect(await left()).toBe(30_001);
});
