// Whole jobs between SQL databases and HBase, through API, Kafka and worker: full, then increments with the process killed in the middle;
// at the end each target is its source, row by row.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openRealSinkBed } from '../support/hbase-sink-bed.ts';
import type { HbaseSinkBed } from '../support/hbase-sink-bed.ts';
import { awaitEnd, createJob, triggerRun } from '../support/job-runs.ts';
import type { EndedRun } from '../support/job-runs.ts';
import { hasLockWaiter } from '../support/lock-waiter.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';
import type { MysqlBed } from '../support/mysql-bed.ts';
import { openMysqlSourceBed } from '../support/mysql-source-bed.ts';
import type { MysqlSourceBed } from '../support/mysql-source-bed.ts';
import { openPostgresBed } from '../support/postgresql-bed.ts';
import type { PostgresBed } from '../support/postgresql-bed.ts';
import { openPostgresSourceBed } from '../support/postgres-source-bed.ts';
import type { PostgresSourceBed } from '../support/postgres-source-bed.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = inject('stack');
const ROWS = 20_000;
const LIMIT_MS = 60_000;
const columns = ['id', 'v', 'amount', 'note', 'changed'] as const;

interface Job {
  readonly name: string;
  readonly id: string;
  readonly source: () => Promise<readonly (readonly (string | null)[])[]>;
  readonly target: () => Promise<readonly (readonly (string | null)[])[]>;
}

describe.skipIf(stack === null)('jobs with an SQL source', () => {
  let mariadb: MysqlSourceBed;
  let postgresql: PostgresSourceBed;
  let target: MysqlBed;
  let hbase: HbaseSinkBed;
  let copies: PostgresBed;
  let syncline: SynclineProcess;
  let dataDir: string;
  let jobs: readonly Job[];

  const start = (): Promise<SynclineProcess> =>
    startSyncline({ dataDir, settings: { SYNCLINE_KAFKA: stack?.kafka.brokers ?? '' } });

  beforeAll(async () => {
    if (stack === null) return;
    dataDir = await mkdtemp(join(tmpdir(), 'syncline-sql-jobs-'));
    // First: it may have to be built, and nothing else moves meanwhile.
    syncline = await start();
    [mariadb, postgresql, target, hbase, copies] = await Promise.all([
      openMysqlSourceBed(stack.mariadb),
      openPostgresSourceBed(stack.postgresql),
      openMysqlBed(stack.mariadb),
      openRealSinkBed(stack.hbase),
      openPostgresBed(stack.postgresql),
    ]);
    await mariadb.execute(`CREATE TABLE orders (id BIGINT PRIMARY KEY, v INT NOT NULL, amount DECIMAL(12,2), note VARCHAR(100),
      changed DATETIME(6) NOT NULL, KEY (changed))`);
    await mariadb.execute(
      `INSERT INTO orders SELECT seq, 0, seq / 100, CONCAT('n', seq, '\\t中'), NOW(6) FROM seq_1_to_${ROWS}`,
    );
    await postgresql.execute(`CREATE TABLE orders (id BIGINT PRIMARY KEY, v INT NOT NULL, amount NUMERIC(12,2), note VARCHAR(100),
      changed TIMESTAMPTZ NOT NULL)`);
    await postgresql.execute(
      `INSERT INTO orders SELECT n, 0, n / 100.0, 'n' || n || E'\\t中', clock_timestamp() FROM generate_series(1, ${ROWS}) n`,
    );
    await postgresql.execute('ANALYZE orders');
    jobs = await Promise.all([toMariadb(), toPostgresql(), toHbase(), fromPostgresql()]);
  }, 120_000);

  afterAll(async () => {
    await syncline.stop();
    await rm(dataDir, { recursive: true, force: true });
    await Promise.all([mariadb.close(), postgresql.close(), target.close(), hbase.close(), copies.close()]);
  });

  it('copies whole tables, and each target is its source', async () => {
    await expectProved(await runAll());
    await expectEqual();
  }, 120_000);

  it('copies what changed, with the process killed in the middle, and each target is its source', async () => {
    await change(1, 'mod(id, 3) = 0', ROWS);
    await target.root.query('BEGIN');
    await target.root.query('SELECT id FROM copy_of_mariadb WHERE id = ? FOR UPDATE', [ROWS - (ROWS % 3)]);
    const runs = await triggerAll();
    await waitUntil('a transaction of a run waits for the row', () => hasLockWaiter(target), LIMIT_MS);
    await syncline.kill();
    await target.root.query('ROLLBACK');
    await change(2, 'mod(id, 7) = 0', ROWS + 100);
    syncline = await start();
    await Promise.all(runs.map((run) => awaitEnd(syncline, run)));
    await expectProved(await runAll());
    await expectEqual();
  }, 180_000);

  it('reads with a template what a trigger gives, letter by letter, and nothing else', async () => {
    const notes = [
      "O'Hara",
      "'; DROP TABLE hostile; --",
      "' OR 1=1 #",
      '" OR ""="',
      '/* 中 */ $$ ${x} %s ?',
      '',
    ];
    const rows = notes.map((note, n) => `(${n + 1}, '${note.replaceAll("'", "''")}')`).join(', ');
    for (const bed of [mariadb, postgresql]) {
      await bed.execute('CREATE TABLE hostile (id BIGINT PRIMARY KEY, note VARCHAR(100) NOT NULL)');
      await bed.execute(`INSERT INTO hostile VALUES ${rows}, (99, 'untouched')`);
    }
    const query =
      "SELECT id, note FROM hostile WHERE note = ${note} AND id < ${below} AND ${fire.time:yyyy} > '2000'";
    const parameters = [
      { name: 'note', type: 'text' },
      { name: 'below', type: 'number', default: '100.5' },
    ];
    for (const [name, { place }] of [
      ['maria', mariadb],
      ['postgres', postgresql],
    ] as const) {
      const source = {
        ...place,
        query,
        'sql.key.columns': 'id',
        'topic.prefix': `${mariadb.database}_${name}`,
      };
      const job = await createJob(syncline, {
        name: `hostile ${name}`,
        mode: 'full',
        parameters,
        policy: { lagMs: 0 },
        source: { connector: 'io.syncline.sql.SqlSourceConnector', config: source },
        sink: {
          connector: 'io.syncline.mysql.MySqlSinkConnector',
          config: target.configOf(`hostile_${name}`),
        },
      });
      for (const note of notes) {
        const { state, report, reason } = await awaitEnd(syncline, await triggerRun(syncline, job, { note }));
        expect([name, note, state, report?.counts.written, reason]).toEqual([
          name,
          note,
          'succeeded',
          1,
          null,
        ]);
      }
      const copied = await readTextRows(
        `SELECT id, note FROM ${target.database}.hostile_${name} ORDER BY id`,
      );
      expect(copied).toEqual(notes.map((note, n) => [String(n + 1), note]));
    }
  }, 120_000);

  it('runs the steps around it on each side, and says so when the process is killed in one', async () => {
    await mariadb.execute('CREATE TABLE stepped (id BIGINT PRIMARY KEY)');
    await mariadb.execute('INSERT INTO stepped VALUES (1)');
    await postgresql.execute('CREATE TABLE step_log (said TEXT)');
    const root = (text: string): Promise<unknown> => target.root.query(text);
    await root(`CREATE TABLE ${target.database}.step_lock (id INT PRIMARY KEY, n INT)`);
    await root(`INSERT INTO ${target.database}.step_lock VALUES (1, 0)`);
    const own = Object.fromEntries(
      Object.entries(postgresql.place).filter(([key]) => key.startsWith('connection.')),
    );
    const log = (name: string, when?: string) => ({
      ...{ kind: 'sql', name, connection: own, statements: [`INSERT INTO step_log VALUES ('${name}')`] },
      ...(when === undefined ? {} : { when }),
    });
    const lock = {
      ...{ kind: 'sql', name: 'lock', connection: 'sink' },
      statements: ['UPDATE step_lock SET n = n + 1 WHERE id = 1'],
    };
    const count = {
      ...{ kind: 'sql', name: 'count', connection: 'source', when: 'success' },
      statements: ['SELECT MAX(id) FROM stepped'],
    };
    const job = await createJob(syncline, {
      ...{ name: 'stepped', mode: 'full', policy: { lagMs: 0 } },
      steps: { pre: [log('before'), lock], post: [count, log('bad', 'failure'), log('after', 'always')] },
      source: {
        connector: 'io.syncline.sql.SqlSourceConnector',
        config: { ...mariadb.place, 'table.whitelist': 'stepped', 'topic.prefix': `${mariadb.database}_s` },
      },
      sink: { connector: 'io.syncline.mysql.MySqlSinkConnector', config: target.configOf('stepped') },
    });
    const logged = async (): Promise<readonly unknown[]> => {
      const rows = await postgresql.ask('SELECT said FROM step_log');
      return rows.map(([said]) => said);
    };
    const first = await awaitEnd(syncline, await triggerRun(syncline, job));
    expect([first.state, first.report?.counts.written, first.reason]).toEqual(['succeeded', 1, null]);
    expect(await logged()).toEqual(['before', 'after']);
    expect(await readTextRows(`SELECT n FROM ${target.database}.step_lock`)).toEqual([['1']]);

    await root('BEGIN');
    await root(`SELECT n FROM ${target.database}.step_lock WHERE id = 1 FOR UPDATE`);
    const run = await triggerRun(syncline, job);
    await waitUntil('a step waits for the row', () => hasLockWaiter(target), LIMIT_MS);
    await syncline.kill();
    await root('ROLLBACK');
    syncline = await start();
    const second = await awaitEnd(syncline, run);
    expect([second.state, second.reason?.code]).toEqual(['failed', 'STEP_FAILED']);
    expect(await logged()).toEqual(['before', 'after', 'before', 'bad', 'after']);
    expect(await readTextRows(`SELECT count(*) FROM ${target.database}.stepped`)).toEqual([['1']]);
  }, 120_000);

  async function triggerAll(): Promise<readonly string[]> {
    return Promise.all(jobs.map(({ id }) => triggerRun(syncline, id)));
  }

  async function runAll(): Promise<readonly EndedRun[]> {
    return Promise.all((await triggerAll()).map((run) => awaitEnd(syncline, run)));
  }

  function expectProved(runs: readonly EndedRun[]): Promise<void> {
    for (const [index, { state, reason, report }] of runs.entries())
      expect([jobs[index]?.name, state, report?.outcome, reason]).toEqual([
        jobs[index]?.name,
        'succeeded',
        'proved',
        null,
      ]);
    return Promise.resolve();
  }

  async function expectEqual(): Promise<void> {
    for (const { name, source, target: copy } of jobs) {
      const [wanted, found] = await Promise.all([source(), copy()]);
      expect([name, found.length]).toEqual([name, wanted.length]);
      const wrong = wanted.findIndex((row, index) => row.join('|') !== found[index]?.join('|'));
      expect([name, wrong < 0 ? null : [wanted[wrong], found[wrong]]]).toEqual([name, null]);
    }
  }

  /** Rows that the condition names get another value, and as many new ones come behind `last`. */
  async function change(v: number, where: string, last: number): Promise<void> {
    await mariadb.execute(`UPDATE orders SET v = ${v}, changed = NOW(6) WHERE ${where}`);
    await mariadb.execute(`INSERT INTO orders SELECT ${last} + seq, ${v}, 1, NULL, NOW(6) FROM seq_1_to_100`);
    await postgresql.execute(`UPDATE orders SET v = ${v}, changed = clock_timestamp() WHERE ${where}`);
    await postgresql.execute(
      `INSERT INTO orders SELECT ${last} + n, ${v}, 1, NULL, clock_timestamp() FROM generate_series(1, 100) n`,
    );
  }

  const byTime = { mode: 'timestamp', 'timestamp.column.name': 'changed', 'table.whitelist': 'orders' };

  async function makeJob(
    name: string,
    source: Record<string, string>,
    sink: { connector: string; config: object },
  ): Promise<string> {
    return createJob(syncline, {
      name,
      mode: 'incremental',
      policy: { lagMs: 0 },
      source: {
        connector: 'io.confluent.connect.jdbc.JdbcSourceConnector',
        config: { ...byTime, ...source },
      },
      sink: { connector: sink.connector, config: sink.config as Record<string, string> },
    });
  }

  const sorted = (rows: readonly (readonly (string | null)[])[]) =>
    [...rows].sort((left, right) => Number(left[0]) - Number(right[0]));
  const readMariadb = async (table: string) =>
    sorted(await readTextRows(`SELECT ${columns.join(', ')} FROM ${table}`));

  async function readTextRows(sql: string): Promise<(string | null)[][]> {
    const [rows] = await mariadb.root.query({
      sql,
      rowsAsArray: true,
      typeCast: (field) => field.buffer()?.toString('utf8') ?? null,
    });
    return rows as unknown as (string | null)[][];
  }

  async function readPostgresql(client: Client, table: string, changed: string) {
    const { rows } = await client.query<(string | null)[]>({
      text: `SELECT id::text, v::text, amount::text, note, to_char(${changed}, 'YYYY-MM-DD HH24:MI:SS.US') FROM ${table}`,
      rowMode: 'array',
    });
    return sorted(rows);
  }

  async function toMariadb(): Promise<Job> {
    const name = 'MariaDB to MariaDB';
    const config = target.configOf('copy_of_mariadb');
    const id = await makeJob(
      name,
      { ...mariadb.place, 'topic.prefix': `${mariadb.database}_m_` },
      {
        connector: 'io.syncline.mysql.MySqlSinkConnector',
        config,
      },
    );
    return {
      name,
      id,
      source: () => readMariadb('orders'),
      target: () => readMariadb(`${target.database}.copy_of_mariadb`),
    };
  }

  async function toPostgresql(): Promise<Job> {
    const name = 'MariaDB to PostgreSQL';
    const source = { ...mariadb.place, 'topic.prefix': `${mariadb.database}_g_` };
    const id = await makeJob(name, source, {
      connector: 'io.syncline.postgresql.PostgresSinkConnector',
      config: copies.configOf('copy_of_mariadb'),
    });
    const copy = () => readPostgresql(copies.root, 'copy_of_mariadb', 'changed');
    return { name, id, source: () => readMariadb('orders'), target: copy };
  }

  async function toHbase(): Promise<Job> {
    const name = 'MariaDB to HBase';
    const table = `${mariadb.database}_orders`;
    const id = await makeJob(
      name,
      { ...mariadb.place, 'topic.prefix': `${mariadb.database}_h_` },
      {
        connector: 'io.syncline.hbase.HBaseSinkConnector',
        config: hbase.configOf(table),
      },
    );
    const rows = async () => sorted(await hbase.readRows(table, [...columns]));
    return { name, id, source: () => readMariadb('orders'), target: rows };
  }

  async function fromPostgresql(): Promise<Job> {
    const name = 'PostgreSQL to MariaDB';
    const id = await makeJob(
      name,
      { ...postgresql.place, 'topic.prefix': `${mariadb.database}_p_` },
      {
        connector: 'io.syncline.mysql.MySqlSinkConnector',
        config: target.configOf('copy_of_postgresql'),
      },
    );
    const source = () => readPostgresql(postgresql.owner, 'orders', "changed AT TIME ZONE 'UTC'");
    return { name, id, source, target: () => readMariadb(`${target.database}.copy_of_postgresql`) };
  }
});
