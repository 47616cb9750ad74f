// Faults that were met, as the jobs in which they were (test/golden/cases): HBase → Kafka → MariaDB. What the target stores is what the
// source says, or it is dirty, or the run is not proved.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { dataTopic } from '../../src/core/record/data-topic.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import { jobOnStack, putCase, readCase } from '../support/fault-cases.ts';
import type { CaseRow, FaultCase } from '../support/fault-cases.ts';
import { connectHbase, dropTable } from '../support/hbase-cluster.ts';
import { createJob, runJob } from '../support/job-runs.ts';
import type { EndedRun, JobBody } from '../support/job-runs.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';
import type { MysqlBed } from '../support/mysql-bed.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = inject('stack');
const LIMIT_MS = 120_000;
const proved = { state: 'succeeded', report: { outcome: 'proved' } };
const delivered = { state: 'succeeded', report: { outcome: 'delivered' } };

describe.skipIf(stack === null)('a known fault', () => {
  const made: string[] = [];
  const mark = `${process.pid}_${Date.now().toString(36)}`;
  let hbase: HBaseClient;
  let mysql: MysqlBed;
  let syncline: SynclineProcess;

  beforeAll(async () => {
    if (stack === null) return;
    hbase = connectHbase(stack.hbase);
    mysql = await openMysqlBed(stack.mariadb);
    syncline = await startSyncline({ settings: { SYNCLINE_KAFKA: stack.kafka.brokers } });
  }, LIMIT_MS);

  afterAll(async () => {
    await syncline.stop();
    await Promise.all(made.map((table) => dropTable(hbase, table)));
    hbase.close();
    await mysql.close();
  }, LIMIT_MS);

  const jobFor = (from: FaultCase, table: string): JobBody => {
    if (stack === null) throw new Error('there is no stack');
    return jobOnStack(from, { stack, mysql, table });
  };
  /** A table of HBase with these rows, the target's table, and the job between them. */
  const prepare = async (
    name: string,
    from: FaultCase & { rows?: readonly CaseRow[] },
    change: (job: JobBody) => void = () => undefined,
  ): Promise<{ table: string; id: string }> => {
    const table = `${name}_${mark}`;
    const job = jobFor(from, table);
    made.push(table);
    const families = Object.fromEntries((from.families ?? ['f']).map((family) => [family, {}]));
    await hbase.admin.createTable({ table, families });
    if (from.rows !== undefined) await putCase(hbase, table, from.rows);
    if (from.ddl !== undefined) await mysql.execute(from.ddl);
    job.policy = { ...job.policy, dirtyLimit: 5 };
    change(job);
    return { table, id: await createJob(syncline, job) };
  };
  const run = async (...of: Parameters<typeof prepare>): Promise<EndedRun> =>
    runJob(syncline, (await prepare(...of)).id);
  const target = (table: string, ...columns: string[]): Promise<readonly (readonly (string | null)[])[]> =>
    mysql.readRows(table, columns);

  /** Runs the job until what was put last has come. */
  const runUntil = async (id: string, { table, key }: { table: string; key: string }): Promise<EndedRun> => {
    let ended = await runJob(syncline, id);
    await waitUntil(
      `${key} is in ${table}`,
      async () => {
        if ((await target(table, 'id')).some(([found]) => found === key)) return true;
        ended = await runJob(syncline, id);
        return false;
      },
      LIMIT_MS,
    );
    return ended;
  };

  it.concurrent(
    'F1: no number becomes a member of an ENUM, in a value or in a key',
    async () => {
      const found = readCase('F1-enum-index');
      expect(await run('f1', found)).toMatchObject({
        ...delivered,
        report: { counts: { written: 2, dirty: 3 } },
      });
      expect(await target('enum_orders', 'id', 'status')).toEqual([
        ['r1', '4'],
        ['r2', '25'],
      ]);
      const { ddl = '', row_keys: keys = [] } = found.as_key ?? {};
      const rows = keys.map((key): CaseRow => ({ key, cells: [['f', 'v', key]] }));
      const asKey = await run('f1_key', { ...found, ddl, rows }, (job) => {
        job.sink.config['table.name.format'] = 'enum_key';
        mapOther(job, { sourceFiled: 'f:v', targetFiled: 'v', fieldType: 'varchar(8)' });
      });
      expect(asKey.report?.outcome, JSON.stringify(asKey)).not.toBe('proved');
      const stored = await target('enum_key', 'CONCAT(id)', 'v');
      expect(stored.filter(([id, v]) => id !== v)).toEqual([]);
    },
    LIMIT_MS,
  );

  it.concurrent(
    'F2: the server puts nothing in the place of NULL',
    async () => {
      const found = readCase('F2-timestamp-not-null');
      expect(await run('f2', found)).toMatchObject({
        ...delivered,
        report: { counts: { written: 1, dirty: 1 } },
      });
      expect(await target('ts_nn', 'id', 'n')).toEqual([['r1', '1']]);
      const { ddl = '', rows = [] } = found.second ?? {};
      const second = await run('f2_ai', { ...found, ddl, rows }, (job) => {
        job.sink.config['table.name.format'] = 'ai';
        mapOther(job, { sourceFiled: 'f:n', targetFiled: 'n', fieldType: 'int' });
      });
      expect(second).toMatchObject({ ...delivered, report: { counts: { written: 1, dirty: 1 } } });
      expect(await target('ai', 'id', 'n')).toEqual([['r1', '41']]);
    },
    LIMIT_MS,
  );

  it.concurrent(
    'F3: CHAR drops no blanks',
    async () => {
      expect(await run('f3', readCase('F3-char-blanks'))).toMatchObject({
        ...delivered,
        report: { counts: { dirty: 2 } },
      });
      expect(await target('chars', 'id')).toEqual([]);
    },
    LIMIT_MS,
  );

  it.concurrent(
    'F4: a qualifier of any bytes is read as it is printed',
    async () => {
      expect(await run('f4', readCase('F4-binary-qualifier'))).toMatchObject(proved);
      expect(await target('phx_orders2', 'id', 'name')).toEqual([['1', 'Ann']]);
    },
    LIMIT_MS,
  );

  it.concurrent.each(['ignore', 'reconcile'])(
    'F5: cells with timestamps of the writer come, or are said to be missed (deletes: %s)',
    async (deletes) => {
      const found = readCase('F5-cell-timestamps');
      const name = `cts_${deletes}`;
      const { table, id } = await prepare(`f5_${deletes}`, { ...found, rows: found.before ?? [] }, (job) => {
        job.source.config['hbase.deletes'] = deletes;
        job.sink.config['table.name.format'] = name;
      });
      expect(await runJob(syncline, id)).toMatchObject({ state: 'succeeded' });
      await putCase(hbase, table, found.rows ?? []);
      const second = await runUntil(id, { table: name, key: 'plain' });
      expect(second.report?.outcome, JSON.stringify(second)).toBe('delivered');
      expect(JSON.stringify(second.report?.notProved)).toContain('timestamp');
    },
    LIMIT_MS,
  );

  it.concurrent.each(['rows_chain', 'rows_exchange'] as const)(
    'F7: unique values that move between rows end as in the source (%s)',
    async (which) => {
      const found = readCase('F7-unique-exchange');
      const { table, id } = await prepare(
        `f7_${which}`,
        {
          ...found,
          ddl: (found.ddl ?? '').replace('TABLE uq', `TABLE uq_${which}`),
          rows: found.before ?? [],
        },
        (job) => {
          job.sink.config['table.name.format'] = `uq_${which}`;
        },
      );
      expect(await runJob(syncline, id)).toMatchObject(proved);
      const rows = found[which] ?? [];
      await putCase(hbase, table, rows);
      await putCase(hbase, table, [{ key: 'r9', cells: [['f', 'seat', 'Z']] }]);
      expect(await runUntil(id, { table: `uq_${which}`, key: 'r9' })).toMatchObject(proved);
      const expected = rows.map(({ key, cells }) => [key, cells[0]?.[2]]);
      expect(await target(`uq_${which}`, 'id', 'seat')).toEqual([...expected, ['r9', 'Z']]);
    },
    LIMIT_MS,
  );

  it.concurrent(
    'F7: rows of a tree that name each other come in one run',
    async () => {
      const found = readCase('F7-unique-exchange');
      const { ddl = '', rows = [] } = found.self_reference ?? {};
      const ended = await run('f7_tree', { ...found, ddl, rows }, (job) => {
        job.sink.config['table.name.format'] = 'tree';
        mapOther(job, { sourceFiled: 'f:parent', targetFiled: 'parent', fieldType: 'varchar(32)' });
      });
      expect(ended).toMatchObject({ ...proved, report: { counts: { written: 3, dirty: 0 } } });
    },
    LIMIT_MS,
  );

  it.concurrent(
    'F8: a wide table is made so that its rows fit',
    async () => {
      expect(await run('f8', readCase('F8-wide-auto-create'))).toMatchObject(proved);
      expect(await target('wide', 'id', 'c0', 'c44')).toEqual([['r1', 'v', 'v']]);
    },
    LIMIT_MS,
  );

  it.concurrent(
    'F9: a row of 1.6 MB comes; into a topic of less it is dirty, with key, size and what to raise',
    async () => {
      const found = readCase('F9-large-row');
      expect(await run('f9', found)).toMatchObject(proved);
      expect(await target('big', 'id', 'LENGTH(v)')).toEqual([['big', '1628919']]);
      const { id, table } = await prepare('f9_small', found, (job) => {
        job.sink.config['table.name.format'] = 'small';
        job.policy = { ...job.policy, dirtyLimit: 0 };
      });
      const log = openKafkaLog({ brokers: stack?.kafka.brokers ?? '', clientId: 'fault-cases' });
      await log.createTopic({ ...dataTopic, name: `default_${table}`, maxBatchBytes: 50_000 });
      await log.close();
      const ended = await runJob(syncline, id);
      expect(ended).toMatchObject({ state: 'failed', reason: { code: 'DIRTY_LIMIT' } });
      expect(ended.reason?.message).toMatch(
        /row big.*the row has 16289\d\d bytes, more than topic default_f9_small_\w+ takes; raise max\.message\.bytes of the topic, which is 50000/,
      );
    },
    LIMIT_MS,
  );

  it.concurrent('F6, F13: a zone of several meanings and a cron that is over are refused', async () => {
    const problemsOf = async (job: JobBody): Promise<string> =>
      JSON.stringify((await syncline.api('POST', '/api/v1/jobs/validate', job)).body['problems']);
    const zones = jobFor(readCase('F6-short-zone-names'), 'f6');
    expect(await problemsOf(zones)).toMatch(/schedule\.timeZone.*Asia\/Shanghai/);
    expect(await problemsOf({ ...zones, schedule: { ...zones.schedule, timeZone: 'UTC' } })).toMatch(
      /filed\.mapping.*zone 'CST'.*Asia\/Shanghai/,
    );
    const past = jobFor(readCase('F12-default-table-name'), 'f13');
    past.schedule = { ...readCase('F13-past-cron').schedule };
    expect(await problemsOf(past)).toMatch(/schedule\.cron.*never fires again/);
  });

  it.concurrent('F15: keys that nobody reads are named with what was meant, or refused', async () => {
    const { source = {}, sink = {} } = readCase('F15-ignored-keys');
    const job = jobFor(readCase('F12-default-table-name'), 'f15');
    Object.assign(job.source.config, source);
    Object.assign(job.sink.config, sink);
    const said = JSON.stringify((await syncline.api('POST', '/api/v1/jobs/validate', job)).body);
    for (const name of [...Object.keys(source), ...Object.keys(sink)])
      expect(said).toContain(`.config.${name}`);
    for (const meant of ['hbase.deletes', 'pkuse.incrementreadfields']) expect(said).toContain(meant);
  });

  it.concurrent(
    'F12: the documented default of the table’s name is what happens',
    async () => {
      const found = readCase('F12-default-table-name');
      const rows: readonly CaseRow[] = [{ key: 'r1', cells: [['f', 'v', '1']] }];
      const { id, table } = await prepare('f12', { ...found, rows });
      expect(await runJob(syncline, id)).toMatchObject(proved);
      expect(await target(`default_${table}`, 'id', 'v')).toEqual([['r1', '1']]);
    },
    LIMIT_MS,
  );

  it.concurrent(
    'F14, F16: a table named in Chinese, and names that Kafka does not keep side by side, are read',
    async () => {
      const found = readCase('F12-default-table-name');
      const names = [
        readCase('F14-unicode-table').hbaseTable ?? '',
        ...(readCase('F16-topic-collision').tables ?? []),
      ];
      const ended = await Promise.all(
        names.map((name, index) =>
          run(name, { ...found, rows: [{ key: name, cells: [['f', 'v', name]] }] }, (job) => {
            job.sink.config['table.name.format'] = `named_${index}`;
          }),
        ),
      );
      for (const [index, name] of names.entries()) {
        expect(ended[index]).toMatchObject(proved);
        expect(await target(`named_${index}`, 'id', 'v')).toEqual([[name, name]]);
      }
    },
    LIMIT_MS,
  );
});

/** The row key and one other column. */
function mapOther(job: JobBody, entry: Readonly<Record<string, string>>): void {
  const name = 'pkuse.hbase.filed.mapping';
  const [key] = JSON.parse(job.source.config[name] ?? '') as unknown[];
  job.source.config[name] = JSON.stringify([key, entry]);
}
