// What other sync tools get wrong, as jobs of the product: HBase → Kafka → MariaDB with default settings. Each row says which of them
// were seen to fail it. Rows that other suites hold already:
//
//   the target is down: the run fails within seconds and names it; its table is missing      bad-input.test.ts
//   HBase is down, the password is wrong, a column is mistyped                               bad-input.test.ts
//   deletes by policy, counted                                                               delete-policies.test.ts
//   a region server dies in mid scan                                                         hbase-client-faults.test.ts
//   writes that become visible out of order: later than others with a greater timestamp      completeness-simulation.test.ts
//   killed with -9 after the last batch, before its status                                   execute-run.test.ts: the end of the sink was lost; deployment-*.test.ts
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { putRow } from '../../connectors/hbase/client/mutate/mutations.ts';
import { createJob, runJob } from '../support/job-runs.ts';
import type { EndedRun, JobBody } from '../support/job-runs.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';
import type { MysqlBed } from '../support/mysql-bed.ts';
import { putRows } from '../support/read-table.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { connectHbase, dropTable, hbaseJobSource } from '../support/hbase-cluster.ts';
import { english } from '../support/english.ts';

const stack = inject('stack');
const proved = { state: 'succeeded', report: { outcome: 'proved' } };
/** The scan's default limit of a response. */
const responseBytes = 4 * 1024 * 1024;

type Field = readonly [source: string, type: string, encoding?: string];

describe.skipIf(stack === null)('where other sync tools lose or damage rows', () => {
  const unique = `${process.pid}_${Date.now().toString(36)}`;
  const made: string[] = [];
  let hbase: HBaseClient;
  let mysql: MysqlBed;
  let syncline: SynclineProcess;
  let serial = 0;

  const start = (more: Record<string, string> = {}, preload?: string): Promise<SynclineProcess> =>
    startSyncline({
      settings: { SYNCLINE_KAFKA: stack?.kafka.brokers ?? '', ...more },
      ...(preload === undefined ? {} : { preload }),
    });

  beforeAll(async () => {
    if (stack === null) return;
    hbase = connectHbase(stack.hbase);
    mysql = await openMysqlBed(stack.mariadb);
    syncline = await start();
  }, 120_000);

  afterAll(async () => {
    await syncline.stop();
    for (const table of made) {
      await dropTable(hbase, table);
    }
    hbase.close();
    await mysql.close();
  });

  it('150 columns of every row arrive, responses cut inside a row included (DataX, Addax: cells are lost)', async () => {
    const table = await newTable('wide');
    const columns = Array.from({ length: 150 }, (_, i) => `c${String(i).padStart(3, '0')}`);
    const text = (row: number, column: string): string => `${row}/${column} `.repeat(30);
    const rows = Array.from({ length: 300 }, (_, row) => ({
      key: Buffer.from(`r${String(row).padStart(3, '0')}`),
      columns: Object.fromEntries(columns.map((column) => [`f:${column}`, text(row, column)])),
    }));
    for (let at = 0; at < rows.length; at += 50) await putRows(hbase, table, rows.slice(at, at + 50));
    const bytes = rows.length * columns.length * text(0, 'c000').length;
    expect(bytes).toBeGreaterThan(2 * responseBytes);
    const fields = columns.map((column): Field => [`f:${column}`, 'string']);
    expect(await run(jobOf(table, fields))).toMatchObject({
      ...proved,
      report: { counts: { read: 300, written: 300, dirty: 0, filtered: 0 } },
    });
    const found = await mysql.readRows(targetOf(table), ['id', ...columns]);
    expect(found).toHaveLength(300);
    for (const [row, [, ...values]] of found.entries())
      expect(values).toEqual(columns.map((column) => text(row, column)));
  });

  it.each([4, 8])(
    'a namespaced table of %d regions arrives whole (SeaTunnel 2.3.8: one region of each reader, no row of a namespace)',
    async (regions) => {
      const namespace = `ns_${unique}_${regions}`;
      await hbase.admin.createNamespace(namespace);
      const splitKeys = Array.from({ length: regions - 1 }, (_, i) => Buffer.from(`k${i + 1}`));
      const table = await newTable(`${namespace}:orders`, splitKeys);
      await putRows(
        hbase,
        table,
        Array.from({ length: 400 }, (_, i) => ({
          key: Buffer.from(`k${i % regions}-${i}`),
          columns: { 'f:a': String(i) },
        })),
      );
      const ended = await run(jobOf(table, [['f:a', 'int']]));
      expect(ended).toMatchObject({ ...proved, report: { counts: { read: 400, written: 400 } } });
      const found = await mysql.readRows(targetOf(table), ['a']);
      expect(new Set(found.flat())).toEqual(new Set(Array.from({ length: 400 }, (_, i) => String(i))));
    },
  );

  it('a source table that does not exist fails the run and is named (SeaTunnel: green, 0 rows)', async () => {
    const table = `nowhere_${unique}`;
    const ended = await run(jobOf(table, [['f:a', 'int']]));
    expect(ended).toMatchObject({
      state: 'failed',
      reason: { message: expect.stringContaining(table) as string },
    });
    expect(ended.reason?.message.split('\n')[0]).toMatch(/no such table/);
  });

  describe('one cell of two bytes among those of eight', () => {
    const fields: readonly Field[] = [
      ['f:n', 'bigint', 'int64'],
      ['f:a', 'string'],
    ];
    let table = '';

    beforeAll(async () => {
      table = await newTable('badcell');
      const number = (i: number): Buffer => {
        const bytes = Buffer.alloc(8);
        bytes.writeBigInt64BE(BigInt(i));
        return i === 7 ? Buffer.from([0x12, 0xab]) : bytes;
      };
      await putRows(
        hbase,
        table,
        Array.from({ length: 10 }, (_, i) => ({
          key: Buffer.from(`row-${i}`),
          columns: { 'f:n': number(i), 'f:a': 'x' },
        })),
      );
    });

    it('fails the run, whose first line names row key, column and bytes (DataX, Addax: exit 0; SeaTunnel: no name)', async () => {
      const before = syncline.lines.length;
      const ended = await run(jobOf(table, fields));
      expect(ended).toMatchObject({ state: 'failed', reason: { code: 'DIRTY_LIMIT' } });
      const first = ended.reason?.message.split('\n')[0] ?? '';
      for (const word of ['row-7', 'f:n', '12ab']) expect(first).toContain(word);
      // The others log 161 to 1,487 lines.
      expect(syncline.lines.length - before).toBeLessThan(15);
    });

    it('is counted and kept where the job allows one, and the report counts what the target holds', async () => {
      const job = jobOf(table, fields);
      job.sink.config['table.name.format'] = 'one_dirty';
      const ended = await run({ ...job, policy: { dirtyLimit: 1 } });
      expect(ended).toMatchObject({ ...proved, report: { counts: { read: 10, written: 9, dirty: 1 } } });
      expect(await mysql.readRows('one_dirty', ['id'])).toHaveLength(9);
      expect(await mysql.readRows('syncline_dirty', ['bytes_hex'])).toContainEqual(['12ab']);
    });
  });

  it('rows that hold none of the selected columns arrive, and are counted in the report (all: left out, no notice)', async () => {
    const table = await newTable('bare', [Buffer.from('k5')]);
    await putRows(
      hbase,
      table,
      Array.from({ length: 100 }, (_, i) => ({
        key: Buffer.from(`k${String(i).padStart(2, '0')}`),
        columns: i % 10 === 0 ? { 'f:other': 'x' } : { 'f:a': String(i) },
      })),
    );
    const ended = await run(jobOf(table, [['f:a', 'int']]));
    expect(ended).toMatchObject({ ...proved, report: { counts: { read: 100, written: 100 } } });
    expect(english(ended.report?.notes).join('\n')).toMatch(
      /\b10\b.*rows that hold none of the mapped columns|rows that hold none of the mapped columns.*\b10\b/,
    );
    const found = await mysql.readRows(targetOf(table), ['id', 'a']);
    expect(found.filter(([, a]) => a === null)).toHaveLength(10);
  });

  it('an incremental run never writes NULL over a column that did not change (SeaTunnel: it does, green)', async () => {
    const table = await newTable('increment');
    const longAgo = BigInt(Date.now() - 600_000);
    const put = (row: string, columns: Record<string, string>, timestamp: bigint) =>
      putRow(
        row,
        Object.entries(columns).map(([qualifier, value]) => ({ family: 'f', qualifier, value, timestamp })),
      );
    await hbase.mutateRows(table, [
      put('changed', { a: 'old', b: 'stays' }, longAgo),
      put('gone', { a: 'old', b: 'stays' }, longAgo),
      put('same', { a: 'old', b: 'stays' }, longAgo),
    ]);
    const jobId = await createJob(syncline, {
      ...jobOf(table, [
        ['f:a', 'string'],
        ['f:b', 'string'],
      ]),
      mode: 'incremental',
    });
    const first = await runJob(syncline, jobId);
    expect(first).toMatchObject({ ...proved, report: { counts: { written: 3 } } });
    // Behind the watermark's lag of a minute nothing is old enough yet: the second window is made to hold the change.
    const watermark = Date.parse(first.report?.watermarkAfter ?? '');
    const from = Number(longAgo) + 1_000;
    expect(watermark).toBeGreaterThan(from);
    const moved = await syncline.api('PUT', `/api/v1/jobs/${jobId}/watermark`, {
      watermark: new Date(from).toISOString(),
      reason: 'the test puts its change behind it',
      confirm: `${table} to MariaDB`,
    });
    expect(moved.status, JSON.stringify(moved.body)).toBe(200);
    await hbase.mutateRows(table, [put('changed', { a: 'new' }, BigInt(from + 1_000))]);
    const second = await runJob(syncline, jobId);
    expect(second).toMatchObject({ ...proved, report: { counts: { read: 1, written: 1 } } });
    const ofDeletes = english(second.report?.notes).filter((note) => note.includes('deletes not followed'));
    expect(ofDeletes).toEqual(['deletes not followed: rows deleted in the source stay in the target']);
    expect(await mysql.readRows(targetOf(table), ['id', 'a', 'b'])).toEqual([
      ['changed', 'new', 'stays'],
      ['gone', 'old', 'stays'],
      ['same', 'old', 'stays'],
    ]);
  });

  it('a target that was altered between runs fails the run and names the column, and nothing is half written', async () => {
    const table = await newTable('altered');
    await putRows(hbase, table, [{ key: Buffer.from('r'), columns: { 'f:a': '1', 'f:b': '2' } }]);
    const jobId = await createJob(
      syncline,
      jobOf(table, [
        ['f:a', 'int'],
        ['f:b', 'int'],
      ]),
    );
    expect(await runJob(syncline, jobId)).toMatchObject(proved);
    await mysql.execute(`ALTER TABLE \`${targetOf(table)}\` DROP COLUMN b`);
    await putRows(hbase, table, [{ key: Buffer.from('s'), columns: { 'f:a': '1', 'f:b': '2' } }]);
    const ended = await runJob(syncline, jobId);
    expect(ended).toMatchObject({ state: 'failed', reason: { code: 'TARGET_SCHEMA' } });
    expect(ended.reason?.message.split('\n')[0]).toMatch(/\bb\b/);
    expect(await mysql.readRows(targetOf(table), ['id'])).toEqual([['r']]);
  });

  it("a scheduler's clock 5 s ahead moves no window ahead of HBase's clock, or fails the run (DataX-Web: rows are skipped)", async () => {
    const table = await newTable('skew');
    await putRows(hbase, table, [{ key: Buffer.from('r'), columns: { 'f:a': '1' } }]);
    const preload = fileURLToPath(new URL('../support/shift-clock.js', import.meta.url));
    const ahead = await start({ SYNCLINE_TEST_CLOCK_AHEAD_MS: '5000' }, preload);
    try {
      const job = jobOf(table, [['f:a', 'int']]);
      const ended = await runJob(ahead, await createJob(ahead, job));
      expect(ended).toMatchObject(proved);
      expect(Date.parse(ended.report?.window?.to ?? '')).toBeLessThanOrEqual(Date.now() - 60_000);
      const short = { ...job, name: `${job.name}, short lag`, policy: { lagMs: 2_000 } };
      short.sink.config['table.name.format'] = 'skew_short';
      const refused = await runJob(ahead, await createJob(ahead, short));
      expect(refused).toMatchObject({ state: 'failed', reason: { code: 'CLOCK_SKEW' } });
    } finally {
      await ahead.stop();
    }
  });

  async function newTable(name: string, splitKeys: readonly Uint8Array[] = []): Promise<string> {
    const table = name.includes(':') ? name : `${name}_${unique}`;
    await hbase.admin.createTable({ table, families: { f: {} }, splitKeys });
    made.push(table);
    return table;
  }

  function targetOf(table: string): string {
    return table.replace(':', '_');
  }

  /** A full read, with nothing set that has a default. */
  function jobOf(table: string, fields: readonly Field[]): JobBody {
    const [name = '', namespace = 'default'] = table.split(':').reverse();
    const columns = fields.map(([sourceFiled, fieldType, encoding]) => ({
      sourceFiled,
      targetFiled: sourceFiled.slice(sourceFiled.indexOf(':') + 1),
      fieldType,
      ...(encoding === undefined ? {} : { encoding }),
    }));
    const id = { sourceFiled: 'id', targetFiled: 'id', fieldType: 'varchar(32)', ispk: '1' };
    return {
      name: `${table} to MariaDB`,
      mode: 'full',
      source: hbaseJobSource(stack, name, [id, ...columns], { 'pkuse.hbase.namespace': namespace }),
      sink: {
        connector: 'io.syncline.mysql.MySqlSinkConnector',
        config: {
          ...mysql.configOf(targetOf(table)),
          'pk.mode': 'record_value',
          'pk.fields': 'id',
          'insert.mode': 'upsert',
        },
      },
    };
  }

  async function run(job: JobBody): Promise<EndedRun> {
    return runJob(syncline, await createJob(syncline, { ...job, name: `${job.name}, ${(serial += 1)}` }));
  }
});
