// The stores on SQLite: the conformance suites, and what is SQLite's own.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import libsql from 'libsql';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { backUpSqlite } from '../../src/store/back-up.ts';
import { connectDatabase } from '../../src/store/database.ts';
import { sqliteDialect } from '../../src/store/dialects/sqlite.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { testCalendars } from '../conformance/calendars.ts';
import { testJobAudit } from '../conformance/job-audit.ts';
import { testJobRaces } from '../conformance/job-races.ts';
import { testJobStore } from '../conformance/job-store.ts';
import { hostsInConfig, testRunLimits } from '../conformance/run-limits.ts';
import { testRunLists } from '../conformance/run-lists.ts';
import { testRunStore } from '../conformance/run-store.ts';
import { firesAt, sampleJob, sampleRun } from '../support/sample-job.ts';

const folder = mkdtempSync(join(tmpdir(), 'syncline-store-'));
const secretKey = Buffer.alloc(32, 7);
let files = 0;
const newFile = (): string => join(folder, 'made-by-open', `store-${(files += 1)}.db`);
const open = (file: string): Promise<Store> =>
  openStore({ url: `sqlite:${file}`, secretKey, clock: systemClock });

afterAll(() => rmSync(folder, { recursive: true, force: true }));

testJobAudit('SQLite', () => open(newFile()));

testRunLists('SQLite', async () => {
  const file = newFile();
  return { store: await open(file), dialect: sqliteDialect(file) };
});

testJobStore('SQLite', async () => {
  const file = newFile();
  const store = await open(file);
  const damage = async (id: string): Promise<void> => {
    const database = connectDatabase(sqliteDialect(file), systemClock);
    await database.run('damaging', (db) => db('control_job').where({ id }).update({ spec: '{"spec":' }));
    await database.close();
  };
  return { store, damage };
});
testRunStore('SQLite', () => open(newFile()));
testRunLimits('SQLite', async () => {
  const options = { url: `sqlite:${newFile()}`, secretKey, clock: systemClock, hostsOf: hostsInConfig };
  return [await openStore(options), await openStore(options)];
});
testCalendars('SQLite', async () => {
  const file = newFile();
  return [await open(file), await open(file)];
});
const shared = newFile();
testJobRaces('SQLite', { tries: 5, open: () => open(shared) });

describe('a SQLite file', () => {
  it('that a newer version changed is refused in words', async () => {
    const file = newFile();
    await (await open(file)).close();
    const database = connectDatabase(sqliteDialect(file), systemClock);
    await database.run('migrating', (db) =>
      db('control_migration').insert({ name: '209901010000_more', at: 1 }),
    );
    await database.close();
    await expect(open(file)).rejects.toMatchObject({
      code: 'DATABASE_FAILED',
      message: expect.stringContaining('newer version of Syncline (209901010000_more)') as string,
    });
  });

  it('that is read and not written, as on a full disk, does not pass for well', async () => {
    const file = newFile();
    const store = await open(file);
    await store.jobs.ping();
    const other = new libsql(file);
    for (const act of ['INSERT', 'UPDATE'])
      other.exec(
        `CREATE TRIGGER no_${act} BEFORE ${act} ON control_setting BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
      );
    other.close();
    await expect(store.jobs.ping()).rejects.toMatchObject({
      code: 'DATABASE_FAILED',
      message: expect.stringContaining('database or disk is full') as string,
    });
    await store.close();
  });

  it('is one installation, whoever opens it, and another than any other file', async () => {
    const file = newFile();
    const [first, second, other] = [await open(file), await open(file), await open(newFile())];
    expect(first.installation).toBe(second.installation);
    expect(first.installation).not.toBe(other.installation);
    for (const store of [first, second, other]) await store.close();
  });

  it('with a report or reason that is damaged still lists its runs', async () => {
    const file = newFile();
    const store = await open(file);
    const { id } = await store.jobs.create(sampleJob('job'), firesAt(null));
    const { run } = await store.runs.create(id, sampleRun(1));
    const database = connectDatabase(sqliteDialect(file), systemClock);
    await database.run('damaging', (db) => db('control_run').update({ report: '{', reason: '[' }));
    await database.close();
    const rows = await store.runs.list({ jobId: id, state: null, limit: 10, before: null });
    expect(rows).toMatchObject([{ id: run.id, report: null, reason: { code: 'DATABASE_FAILED' } }]);
    await store.close();
  });

  it('keeps what it was given over a restart', async () => {
    const file = newFile();
    const first = await open(file);
    const job = await first.jobs.create(sampleJob('kept'), firesAt(5));
    await first.close();
    const second = await open(file);
    expect(await second.jobs.read(job.id)).toEqual(job);
    await second.close();
  });

  it('is whole in one file after a stop, and can be copied then', async () => {
    const file = newFile();
    const first = await open(file);
    const job = await first.jobs.create(sampleJob('copied'), firesAt(5));
    await first.close();
    const copy = newFile();
    copyFileSync(file, copy);
    const second = await open(copy);
    expect(await second.jobs.read(job.id)).toEqual(job);
    await second.close();
  });

  it('is backed up while it is written to', async () => {
    const file = newFile();
    const store = await open(file);
    const job = await store.jobs.create(sampleJob('backed up'), firesAt(5));
    const copy = newFile();
    backUpSqlite(file, copy);
    await store.jobs.create(sampleJob('after it'), firesAt(5));
    await store.close();
    const second = await open(copy);
    expect((await second.jobs.list({ limit: 10, before: null })).jobs).toEqual([job]);
    await second.close();
    expect(() => backUpSqlite(file, copy)).toThrow(/exists/);
  });

  it('comes up when several open it at once while it is empty', async () => {
    const file = newFile();
    const stores = await Promise.all(Array.from({ length: 6 }, () => open(file)));
    await Promise.all(stores.map((store, n) => store.jobs.create(sampleJob(`job ${n}`), firesAt(null))));
    expect((await stores[0]?.jobs.list({ limit: 10, before: null }))?.jobs).toHaveLength(6);
    for (const store of stores) await store.close();
  });

  it('comes up when somebody else has it locked for a moment, in whatever journal mode it is', async () => {
    const file = join(folder, 'locked.db');
    const somebody = new libsql(file);
    somebody.exec('CREATE TABLE other (a)');
    somebody.exec('BEGIN EXCLUSIVE');
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
      if (ticks === 10) somebody.exec('COMMIT');
    }, 5);
    const store = await open(file);
    expect(ticks).toBeGreaterThanOrEqual(10);
    clearInterval(ticking);
    somebody.close();
    expect((await store.jobs.list({ limit: 10, before: null })).jobs).toEqual([]);
    await store.close();
  });

  it('takes eight writers at once', async () => {
    const file = newFile();
    const stores = await Promise.all(Array.from({ length: 8 }, () => open(file)));
    const { id } = (await stores[0]?.jobs.create(sampleJob('busy'), firesAt(null))) ?? { id: '' };
    await Promise.all(
      stores.flatMap((store, writer) =>
        Array.from({ length: 10 }, (_, n) => store.runs.create(id, sampleRun(writer * 100 + n))),
      ),
    );
    const runs = await stores[1]?.runs.list({ jobId: id, state: null, limit: 100, before: null });
    expect(runs).toHaveLength(80);
    for (const store of stores) await store.close();
  });

  it('that is no database is refused by name', async () => {
    await expect(open(folder)).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
      message: expect.stringContaining(folder) as string,
    });
  });

  it('on a full disk is a clear error, leaves nothing half done, and works again when there is room', async () => {
    const file = newFile();
    await (await open(file)).close();
    const database = connectDatabase(sqliteDialect(file), systemClock);
    const write = (rows: number): Promise<unknown> =>
      database.transact('writing much', async (trx) => {
        for (let n = 0; n < rows; n++)
          await trx('control_audit').insert({
            at: 1,
            actor: 'a',
            action: 'b',
            object: 'c',
            detail: 'x'.repeat(10_000),
          });
      });
    const count = (): Promise<number> =>
      database.run('counting', (db) =>
        db('control_audit')
          .pluck('id')
          .then((ids) => ids.length),
      );
    await write(2);
    const limit = (pages: number): Promise<unknown> =>
      database.run('limiting', (db) => db.raw(`PRAGMA max_page_count = ${pages}`));
    await limit(80);
    await expect(write(100)).rejects.toMatchObject({
      code: 'DATABASE_FAILED',
      message: `writing much: database ${file}: database or disk is full`,
    });
    expect(await count()).toBe(2);
    await limit(100_000);
    await write(100);
    expect(await count()).toBe(102);
    await database.close();
  });
});
