// The write lock of an SQLite file: by turns within a thread, waited for where another process has it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import libsql from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqliteSink } from '../../../connectors/sqlite/sink-connector.ts';
import type { SinkStore } from '../../../src/core/connector/sink-store.ts';
import { batchOf, noSignal, openRun, pairs, requestOf, type SinkBed } from '../../conformance/sink-bed.ts';
import { openSqliteBed } from './sqlite-bed.ts';

describe('the write lock of an SQLite file', () => {
  let bed: SinkBed;
  beforeEach(async () => {
    bed = await openSqliteBed();
  });
  afterEach(() => bed.close());

  it('goes round among the writers of a thread, however fast one of them comes back', async () => {
    const config = bed.configOf('orders');
    const { store } = await openRun(bed, config);
    const other = await bed.plugin.openStore(config, noSignal);
    await other.prepareTable(pairs);
    const order: string[] = [];
    const write = async (name: string, from: SinkStore): Promise<void> => {
      for (let round = 0; round < 5; round += 1)
        await from.transaction(async (tx) => {
          order.push(name);
          await tx.writeRows(batchOf([[`${name}${round}`, 'x']]));
        });
    };
    await Promise.all([write('a', store), write('b', other)]);
    expect(order.join('')).toBe('ababababab');
    await store.close();
    await other.close();
  });

  it('is waited for while somebody else has it, and the loop goes on meanwhile', async () => {
    const root = mkdtempSync(join(tmpdir(), 'syncline-lock-'));
    const sink = createSqliteSink(root);
    const config = { 'connection.url': 'x.db', 'table.name.format': 'orders', 'auto.create': 'true' };
    const ledger = await sink.openLedger(config);
    await ledger.begin(requestOf('job', 'task-1'));
    const somebody = new libsql(join(root, 'x.db'));
    somebody.exec('BEGIN IMMEDIATE');
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
      if (ticks === 10) somebody.exec('COMMIT');
    }, 5);
    expect(await ledger.begin(requestOf('job', 'task-2'))).toMatchObject({ kind: 'begun', epoch: 2 });
    expect(ticks).toBeGreaterThanOrEqual(10);
    clearInterval(ticking);
    somebody.exec('BEGIN IMMEDIATE');
    const stop = new AbortController();
    const store = await sink.openStore(config, stop.signal);
    const waiting = store.transaction(() => Promise.resolve());
    stop.abort(new Error('the task is stopped'));
    await expect(waiting).rejects.toThrow('the task is stopped');
    somebody.close();
    await store.close();
    await ledger.close();
    rmSync(root, { recursive: true });
  });

  it('is waited for when a file that is not in WAL mode is opened', async () => {
    const root = mkdtempSync(join(tmpdir(), 'syncline-lock-'));
    const sink = createSqliteSink(root);
    const config = { 'connection.url': 'x.db', 'table.name.format': 'orders', 'auto.create': 'true' };
    const somebody = new libsql(join(root, 'x.db'));
    somebody.exec('PRAGMA journal_mode = DELETE; CREATE TABLE orders (id TEXT PRIMARY KEY, value TEXT)');
    somebody.exec('BEGIN EXCLUSIVE');
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
      if (ticks === 10) somebody.exec('COMMIT');
    }, 5);
    const ledger = await sink.openLedger(config);
    expect(await ledger.readJob('job')).toBeNull();
    expect(ticks).toBeGreaterThanOrEqual(10);
    clearInterval(ticking);
    await ledger.close();
    somebody.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
    const stop = new AbortController();
    const store = await sink.openStore(config, stop.signal);
    const opening = store.transaction(() => Promise.resolve());
    stop.abort(new Error('the task is stopped'));
    await expect(opening).rejects.toThrow('the task is stopped');
    await store.close();
    somebody.close();
    rmSync(root, { recursive: true });
  });
});
