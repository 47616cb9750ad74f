// Somebody else's process opens the file, reads and closes it: what was committed stays, and who writes it goes on. The system drops all
// of a process's locks on a file when the process closes any of its handles of it; a reader that finds none takes itself for the last.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import libsql from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileSink } from '../../../connectors/file/sink-connector.ts';
import { openFileSourceTask } from '../../../connectors/file/source-task.ts';
import { SqliteDatabase } from '../../../connectors/sqlite/database.ts';
import { openSqliteSession } from '../../../connectors/sqlite/source/session.ts';
import { batchOf, noSignal, openRun, requestOf } from '../../conformance/sink-bed.ts';
import { openSqliteBed, type SqliteBed } from './sqlite-bed.ts';

const libsqlPath = createRequire(import.meta.url).resolve('libsql');

/** Rows of the table, as a process of its own sees them. */
function readElsewhere(path: string, table: string): unknown {
  const script = `const f = new (require(process.argv[1]))(process.argv[2]);
    const read = f.prepare('SELECT COUNT(*) AS n FROM ' + process.argv[3]).all();
    const whole = f.prepare('PRAGMA integrity_check').all(); f.close();
    console.log(JSON.stringify([read[0].n, whole[0].integrity_check]))`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script, libsqlPath, path, table], {
    encoding: 'utf8',
  });
  return stdout === '' ? stderr : JSON.parse(stdout);
}

describe('a foreign process that reads the file of a target', () => {
  let bed: SqliteBed;
  beforeEach(async () => {
    bed = await openSqliteBed();
  });
  afterEach(() => bed.close());

  it('finds all committed rows, and leaves them there, in mid run and while nothing is written', async () => {
    const config = bed.configOf('orders');
    const { store, key } = await openRun(bed, config);
    const ledger = await bed.plugin.openLedger(config);
    const path = join(bed.root, 'target.db');
    for (let round = 1; round <= 4; round += 1) {
      await store.transaction(async (tx) => {
        await tx.writeRows(batchOf([[`k${round}`, 'x']]));
      });
      // An executor looks, and a source reads, while the sink's connection stands open.
      expect(await ledger.readJob(key.job)).not.toBeNull();
      (await openSqliteSession(path, 'target.db', noSignal)).close();
      expect(readElsewhere(path, 'orders')).toEqual([round, 'ok']);
      expect(readElsewhere(path, 'orders')).toEqual([round, 'ok']);
    }
    await ledger.begin(requestOf(key.job, 'task-2'));
    await store.close();
    await ledger.close();
    expect(readElsewhere(path, 'orders')).toEqual([4, 'ok']);
  });
});

it('a job that takes a database for a file of lines is refused, and the database keeps its locks', async () => {
  const bed = await openSqliteBed();
  const path = join(bed.root, 'target.db');
  const { store } = await openRun(bed, bed.configOf('orders'));
  await store.transaction(async (tx) => {
    await tx.writeRows(batchOf([['a', 'x']]));
  });
  const source = openFileSourceTask(path, { batchRows: 100 });
  await expect(Promise.resolve(source.plan({ base: null, mode: 'full', lagMs: 0 }))).rejects.toMatchObject({
    code: 'BAD_INPUT',
    field: 'file',
  });
  const sink = await createFileSink(bed.root).openLedger({ file: 'target.db' });
  await expect(sink.begin(requestOf('j', 't'))).rejects.toMatchObject({ code: 'BAD_INPUT' });
  expect(readElsewhere(path, 'orders')).toEqual([1, 'ok']);
  await store.close();
  await bed.close();
});

describe('a file that is read without locks, as it has no log', () => {
  it('is not read to the end when somebody changes it meanwhile', async () => {
    const root = mkdtempSync(join(tmpdir(), 'syncline-foreign-'));
    const path = join(root, 'a.db');
    const writes = (sql: string): void => {
      const writer = new libsql(path);
      writer.exec(sql);
      writer.close();
    };
    writes(
      'PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)',
    );
    const reader = await SqliteDatabase.openToRead(path, 'a.db');
    const rows = reader.iterate('SELECT id FROM t');
    rows.next();
    writes('INSERT INTO t VALUES (4)');
    expect(() => [...rows]).toThrow(/a\.db: somebody wrote to the file while it was read/);
    reader.close();
    rmSync(root, { recursive: true });
  });
});
