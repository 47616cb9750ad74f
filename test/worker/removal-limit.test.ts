// A source that was emptied by mistake does not empty the target: whole runs from the double of HBase into SQLite, by comparison of keys.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hbaseSource } from '../../connectors/hbase/source/source-connector.ts';
import type { RunCounts } from '../../src/core/status.ts';
import { runLocally } from '../support/local-run.ts';
import { putRows } from '../support/read-table.ts';
import { openDoubleBed } from '../support/double-bed.ts';
import type { DoubleBed } from '../support/double-bed.ts';

let bed: DoubleBed;
let tables = 0;

beforeAll(async () => {
  bed = await openDoubleBed();
});

afterAll(() => bed.close());

/** A table of so many rows that was read into the target once. */
async function setup(rows: number) {
  tables += 1;
  const table = `limited_${tables}`;
  await bed.client.admin.createTable({ table, families: { f: {} } });
  const all = Array.from({ length: rows }, (_, index) => Buffer.from(`k${String(index).padStart(6, '0')}`));
  await putRows(
    bed.client,
    table,
    all.map((key) => ({ key, columns: { 'f:a': 'x' } })),
  );
  let runs = 0;
  const run = async (removalLimit: number): Promise<RunCounts> => {
    runs += 1;
    const { counts } = await runLocally({
      source: hbaseSource,
      sourceConfig: bed.sourceConfig(
        table,
        [
          { sourceFiled: 'id', targetFiled: 'id', fieldType: 'varchar(40)', ispk: '1' },
          { sourceFiled: 'f:a', targetFiled: 'a', fieldType: 'varchar(40)' },
        ],
        { 'hbase.deletes': 'reconcile' },
      ),
      sink: bed.target.plugin,
      sinkConfig: bed.target.configOf(table),
      job: table,
      taskId: `task-${runs}`,
      mode: 'full',
      to: Date.now(),
      removalLimit,
    });
    return counts;
  };
  const remove = (first: number, end = rows): Promise<void> =>
    bed.client.mutateRows(
      table,
      all.slice(first, end).map((row) => ({ kind: 'delete', row, cells: [] })),
    );
  const left = async (): Promise<number> => (await bed.target.readRows(table, ['id'])).length;
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
    bed.client,
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
  await bed.target.execute(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) INSERT INTO ${table} SELECT 'z' || i, 'x' FROM n`,
  );
  await expect(run(20)).rejects.toThrow("at least 10999 of the target's 30001 rows");
  expect(await left()).toBe(30_001);
});
