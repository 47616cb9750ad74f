// A target file that somebody removes, moves away or replaces while it is open.
import { copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import libsql from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqliteSink } from '../../../connectors/sqlite/sink-connector.ts';
import { batchOf, noSignal, pairs, requestOf } from '../../conformance/sink-bed.ts';

const config = { 'connection.url': 'x.db', 'table.name.format': 'orders', 'auto.create': 'true' };

describe.each([
  [
    'removed',
    (path: string) =>
      ['', '-wal', '-shm'].forEach((end) => {
        rmSync(path + end, { force: true });
      }),
  ],
  [
    'moved',
    (path: string) => {
      renameSync(path, `${path}.away`);
    },
  ],
  [
    'replaced',
    (path: string) => {
      copyFileSync(path, `${path}.copy`);
      renameSync(`${path}.copy`, path);
    },
  ],
])('a target file that is %s', (_, change) => {
  let root: string;
  let path: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'syncline-removed-'));
    path = join(root, 'x.db');
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  async function setup() {
    const sink = createSqliteSink(root);
    const ledger = await sink.openLedger(config);
    expect(await ledger.begin(requestOf('job', 'task-1'))).toMatchObject({ kind: 'begun' });
    const store = await sink.openStore(config, noSignal);
    await store.prepareTable(pairs);
    const write = (during?: () => void): Promise<void> =>
      store.transaction(async (tx) => {
        await tx.writeRows(batchOf([['a', 'x']]));
        during?.();
      });
    await write();
    return { ledger, store, write };
  }

  it('within a transaction of a run fails the run', async () => {
    const { ledger, store, write } = await setup();
    await expect(
      write(() => {
        change(path);
      }),
    ).rejects.toMatchObject({ code: 'TARGET_CHANGED' });
    await store.close();
    await ledger.close();
  });

  it('between two transactions of a run fails the run', async () => {
    const { ledger, store, write } = await setup();
    change(path);
    await expect(write()).rejects.toMatchObject({ code: 'TARGET_CHANGED' });
    await store.close();
    await ledger.close();
  });

  it('while nothing is written is not written to any more: the next run begins in the file that lies there', async () => {
    const { ledger, store } = await setup();
    await store.close();
    change(path);
    expect(await ledger.begin(requestOf('job', 'task-2'))).toMatchObject({ kind: 'begun' });
    await ledger.close();
    const there = new libsql(path);
    expect(there.prepare('SELECT task_id FROM syncline_job').all()).toEqual([{ task_id: 'task-2' }]);
    there.close();
  });
});
