// Whole jobs between SQL databases whose source loses rows: after the next increment the target has lost them too, by comparison of keys.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createJob, runJob } from '../support/job-runs.ts';
import type { EndedRun } from '../support/job-runs.ts';
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

const stack = inject('stack');
const ROWS = 12_000;
const LIMIT_MS = 180_000;

describe.skipIf(stack === null)('deletes between SQL databases', () => {
  let mariadb: MysqlSourceBed;
  let postgresql: PostgresSourceBed;
  let toMariadb: MysqlBed;
  let toPostgresql: PostgresBed;
  let syncline: SynclineProcess;
  let dataDir: string;

  beforeAll(async () => {
    if (stack === null) return;
    dataDir = await mkdtemp(join(tmpdir(), 'syncline-sql-deletes-'));
    syncline = await startSyncline({ dataDir, settings: { SYNCLINE_KAFKA: stack.kafka.brokers } });
    [mariadb, postgresql, toMariadb, toPostgresql] = await Promise.all([
      openMysqlSourceBed(stack.mariadb),
      openPostgresSourceBed(stack.postgresql),
      openMysqlBed(stack.mariadb),
      openPostgresBed(stack.postgresql),
    ]);
  }, 120_000);

  afterAll(async () => {
    await syncline.stop();
    await rm(dataDir, { recursive: true, force: true });
    await Promise.all([mariadb.close(), postgresql.close(), toMariadb.close(), toPostgresql.close()]);
  });

  it(
    'removes rows with a whole number as their key from PostgreSQL that MariaDB no longer has',
    async () => {
      await mariadb.execute(
        'CREATE TABLE orders (id BIGINT PRIMARY KEY, v INT, changed DATETIME(6) NOT NULL)',
      );
      await mariadb.execute(
        `INSERT INTO orders SELECT CAST(seq AS SIGNED) - 5000, 0, NOW(6) FROM seq_1_to_${ROWS}`,
      );
      const id = await makeJob('numbers', mariadb.place, {
        connector: 'io.syncline.postgresql.PostgresSinkConnector',
        config: toPostgresql.configOf('orders'),
      });
      expectRun(await runJob(syncline, id), { written: ROWS, removed: 0 });
      await mariadb.execute('DELETE FROM orders WHERE id % 7 = 0');
      await mariadb.execute('UPDATE orders SET v = 1, changed = NOW(6) WHERE id IN (1, 50)');
      const left = await numbers('SELECT id FROM orders');
      expectRun(await runJob(syncline, id), { written: 2, removed: ROWS - left.length });
      const { rows } = await toPostgresql.root.query<{ id: string }>('SELECT id::text FROM orders');
      expect(rows.map((row) => Number(row.id)).sort((one, other) => one - other)).toEqual(left);
    },
    LIMIT_MS,
  );

  it(
    'removes rows with a key of uuid, decimal and text from MariaDB that PostgreSQL no longer has',
    async () => {
      await postgresql.execute(
        'CREATE TABLE prices (name text, of uuid, price numeric(12,2), v int, changed timestamptz NOT NULL, PRIMARY KEY (price, of, name))',
      );
      await postgresql.execute(`INSERT INTO prices SELECT chr(65 + n % 60), md5((n % 97)::text)::uuid, (n - 3000) / 4.0, 0, clock_timestamp()
      FROM generate_series(1, 6000) n`);
      const id = await makeJob('parts', postgresql.place, {
        connector: 'io.syncline.mysql.MySqlSinkConnector',
        config: toMariadb.configOf('prices', { 'pk.fields': 'name,of,price' }),
      });
      expectRun(await runJob(syncline, id), { written: 6_000, removed: 0 });
      await postgresql.execute(
        "DELETE FROM prices WHERE price IN (-1, 0, 0.5, 10.25, 99) OR name = 'a' AND price > 400",
      );
      const wanted = await keysOf();
      expectRun(await runJob(syncline, id), { written: 0, removed: 6_000 - wanted.length });
      const [rows] = await toMariadb.root.query(
        `SELECT CONCAT_WS(' ', price, of, name) AS k FROM ${toMariadb.database}.prices`,
      );
      expect((rows as { k: string }[]).map(({ k }) => k).toSorted()).toEqual(wanted);
    },
    LIMIT_MS,
  );

  async function keysOf(): Promise<readonly string[]> {
    const { rows } = await postgresql.owner.query<{ k: string }>(
      "SELECT concat_ws(' ', price, of, name) AS k FROM prices",
    );
    return rows.map(({ k }) => k).toSorted();
  }

  async function numbers(sql: string): Promise<readonly number[]> {
    const [rows] = await mariadb.root.query(sql);
    return (rows as { id: number }[]).map(({ id }) => id).sort((one, other) => one - other);
  }

  function makeJob(
    name: string,
    place: Record<string, string>,
    sink: { connector: string; config: object },
  ): Promise<string> {
    const table = name === 'numbers' ? 'orders' : 'prices';
    return createJob(syncline, {
      name,
      mode: 'incremental',
      policy: { lagMs: 0 },
      source: {
        connector: 'io.confluent.connect.jdbc.JdbcSourceConnector',
        config: {
          ...{ mode: 'timestamp', 'timestamp.column.name': 'changed', 'table.whitelist': table },
          ...{ 'sql.deletes': 'reconcile', 'topic.prefix': `${mariadb.database}_${name}_` },
          ...place,
        },
      },
      sink: { connector: sink.connector, config: sink.config as Record<string, string> },
    });
  }

  function expectRun(
    { state, reason, report }: EndedRun,
    counts: { readonly written: number; readonly removed: number },
  ): void {
    expect([state, report?.outcome, reason]).toEqual(['succeeded', 'proved', null]);
    expect(report?.counts).toMatchObject(counts);
  }
});
