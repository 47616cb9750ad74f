// Jobs that replace their target's table (write.mode=0), through API, Kafka and worker: whoever reads the targets all the time sees all of
// the old rows or all of the new ones, also when the process is killed in the middle of a run.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openMysqlAsideBed, openPostgresAsideBed } from '../support/aside-beds.ts';
import type { AsideBed } from '../conformance/sink-aside.ts';
import { awaitEnd, createJob, triggerRun } from '../support/job-runs.ts';
import { openMysqlSourceBed } from '../support/mysql-source-bed.ts';
import type { MysqlSourceBed } from '../support/mysql-source-bed.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = inject('stack');
const ROWS = 20_000;
const LIMIT_MS = 60_000;
const table = 'copy_of_orders';
/** Rows, the least and the greatest generation among them. */
const seen = ['count(*)', 'min(v)', 'max(v)'] as const;

type CopyBed = Pick<AsideBed, 'configOf' | 'readRows' | 'tables' | 'close'>;

interface Copy {
  readonly name: string;
  readonly bed: CopyBed;
  readonly job: string;
}

/** Read as another program does, on one connection: the driver keeps each open until its statements are collected. */
function sqliteFile(path: string): CopyBed {
  let database: Database.Database | null = null;
  const all = async (sql: string): Promise<unknown[][]> => {
    // The driver answers at once; others have to come to their turn.
    await pause(5);
    database ??= new Database(path, { readonly: true });
    return database.prepare(sql).raw().all() as unknown[][];
  };
  return {
    configOf: (name, more) => ({
      'connection.url': 'jdbc:sqlite:aside.db',
      'table.name.format': name,
      'auto.create': 'true',
      ...more,
    }),
    readRows: async (name, columns) =>
      (await all(`SELECT ${columns.join(', ')} FROM ${name}`)).map((row) => row.map(String)),
    tables: async () => (await all('SELECT name FROM sqlite_schema')).map(String),
    close: () => Promise.resolve(void database?.close()),
  };
}

describe.skipIf(stack === null)('jobs that replace their target', () => {
  let source: MysqlSourceBed;
  let copies: readonly Copy[];
  let syncline: SynclineProcess;
  let dataDir: string;

  const start = (): Promise<SynclineProcess> =>
    startSyncline({ dataDir, settings: { SYNCLINE_KAFKA: stack?.kafka.brokers ?? '' } });

  beforeAll(async () => {
    if (stack === null) return;
    dataDir = await mkdtemp(join(tmpdir(), 'syncline-aside-'));
    // First: it may have to be built, and nothing else moves meanwhile.
    syncline = await start();
    source = await openMysqlSourceBed(stack.mariadb);
    await source.execute('CREATE TABLE orders (id BIGINT PRIMARY KEY, v INT NOT NULL, note VARCHAR(100))');
    await source.execute(`INSERT INTO orders SELECT seq, 1, CONCAT('n', seq) FROM seq_1_to_${ROWS}`);
    copies = [
      await copyTo('MariaDB', await openMysqlAsideBed(stack.mariadb)),
      await copyTo('PostgreSQL', await openPostgresAsideBed(stack.postgresql)),
      await copyTo('SQLite', sqliteFile(join(dataDir, 'files', 'aside.db'))),
    ];
  }, 300_000);

  afterAll(async () => {
    await syncline.stop();
    await rm(dataDir, { recursive: true, force: true });
    await Promise.all([source.close(), ...copies.map(({ bed }) => bed.close())]);
  });

  async function copyTo(name: string, bed: CopyBed): Promise<Copy> {
    const job = await createJob(syncline, {
      name: `orders to ${name}`,
      mode: 'full',
      source: {
        connector: 'io.confluent.connect.jdbc.JdbcSourceConnector',
        config: {
          ...source.place,
          'table.whitelist': 'orders',
          'topic.prefix': `${source.database}_${name}_`,
        },
      },
      sink: {
        connector: 'io.confluent.connect.jdbc.JdbcSinkConnector',
        config: bed.configOf(table, { 'write.mode': '0' }),
      },
    });
    return { name, bed, job };
  }

  const look = async ({ bed }: Copy): Promise<string> => String((await bed.readRows(table, seen))[0]);

  /** Reads until `work` is done, and then once more; all that was seen, each once, in its order. */
  async function watch(copy: Copy, work: Promise<unknown>): Promise<readonly string[]> {
    const all: string[] = [];
    const watched = { isDone: false, readings: 0 };
    const done = work.finally(() => (watched.isDone = true));
    let isLast: boolean;
    do {
      isLast = watched.isDone;
      const now = await look(copy);
      if (all.at(-1) !== now) all.push(now);
      watched.readings += 1;
    } while (!isLast);
    await done;
    expect(watched.readings).toBeGreaterThan(2);
    return all;
  }

  /** The next generation: all rows changed, some gone, some new. */
  async function change(v: number): Promise<string> {
    await source.execute(`UPDATE orders SET v = ${v}`);
    await source.execute(`DELETE FROM orders WHERE mod(id, 10) = ${v}`);
    await source.execute(`INSERT INTO orders SELECT ${v * 100_000} + seq, ${v}, 'new' FROM seq_1_to_500`);
    const [rows] = await source.root.query('SELECT count(*) AS found FROM orders');
    return `${(rows as { found: number }[])[0]?.found ?? ''},${v},${v}`;
  }

  async function expectProved(run: string): Promise<void> {
    const { state, reason, report } = await awaitEnd(syncline, run);
    expect([state, reason, report?.outcome, report?.notProved]).toEqual(['succeeded', null, 'proved', []]);
  }

  it('fill a table that is not there yet', async () => {
    for (const copy of copies) {
      await expectProved(await triggerRun(syncline, copy.job));
      expect([copy.name, await look(copy)]).toEqual([copy.name, `${ROWS},1,1`]);
    }
  }, 120_000);

  it('show all of the old rows or all of the new ones', async () => {
    const next = await change(2);
    for (const copy of copies) {
      const run = await triggerRun(syncline, copy.job);
      expect([copy.name, await watch(copy, expectProved(run))]).toEqual([copy.name, [`${ROWS},1,1`, next]]);
    }
  }, 180_000);

  it('leave the old rows where the process is killed in the middle, and the next run replaces them', async () => {
    // SQLite has no server that goes on without the process; its own suite breaks a swap off everywhere.
    for (const { name, bed, job } of copies.filter(({ name }) => name !== 'SQLite')) {
      const before = await look({ name, bed, job });
      const run = await triggerRun(syncline, job);
      const beside = async (): Promise<readonly string[]> =>
        (await bed.tables()).filter((each) => each.startsWith('syncline_new_'));
      await waitUntil('a table stands beside', async () => (await beside()).length > 0, LIMIT_MS);
      await syncline.kill();
      expect([name, await look({ name, bed, job })]).toEqual([name, before]);
      syncline = await start();
      await awaitEnd(syncline, run);
      expect([name, await look({ name, bed, job })]).toEqual([name, before]);
    }
    const next = await change(3);
    for (const each of copies) {
      const before = await look(each);
      const run = await triggerRun(syncline, each.job);
      expect([each.name, await watch(each, expectProved(run))]).toEqual([each.name, [before, next]]);
      expect((await each.bed.tables()).filter((name) => name.startsWith('syncline_new_'))).toEqual([]);
    }
  }, 240_000);

  it('are refused where they would read only what changed', async () => {
    const [copy] = copies;
    const { status, body } = await syncline.api('POST', '/api/v1/jobs', {
      name: 'increments into a replaced table',
      mode: 'incremental',
      source: {
        connector: 'io.confluent.connect.jdbc.JdbcSourceConnector',
        config: {
          ...source.place,
          'table.whitelist': 'orders',
          mode: 'incrementing',
          'incrementing.column.name': 'id',
          'topic.prefix': `${source.database}_inc_`,
        },
      },
      sink: {
        connector: 'io.confluent.connect.jdbc.JdbcSinkConnector',
        config: copy?.bed.configOf('other', { 'write.mode': '0' }),
      },
    });
    expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining('write.mode=0 replaces')]);
  });
});
