// The MySQL sink when its target refuses, goes away or keeps it waiting.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { SinkStore } from '../../src/core/connector/sink-store.ts';
import type { RunKey } from '../../src/core/ledger/ledger.ts';
import {
  batchOf,
  jobOf,
  newTableName,
  noSignal,
  openRun,
  pairs,
  requestOf,
} from '../conformance/sink-bed.ts';
import { hasLockWaiter } from '../support/lock-waiter.ts';
import { openMysqlBed, type MysqlBed } from '../support/mysql-bed.ts';
import { failureOf } from '../support/sync-failure.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = inject('stack');

const position = { topic: 't', partition: 0, next: 0, logIncarnation: 'log' };
const move = { topic: 't', partition: 0, from: 0, to: 10 };
const rows = batchOf([
  ['a', '1'],
  ['b', '2'],
]);

describe.skipIf(stack === null)('the MySQL sink in trouble', () => {
  let bed: MysqlBed;
  beforeAll(async () => {
    if (stack === null) throw new Error('there is no stack');
    bed = await openMysqlBed(stack.mariadb);
  });
  afterAll(() => bed.close());

  const openPosition = async (config: ConnectorConfig): Promise<{ key: RunKey; store: SinkStore }> => {
    const { key, store } = await openRun(bed, config);
    await store.transaction((tx) => tx.addPartition(key, position));
    return { key, store };
  };
  const nextOf = async (store: SinkStore, key: RunKey): Promise<number | undefined> =>
    (await store.transaction((tx) => tx.readPartitions(key)))[0]?.next;
  const through = (endpoint: { host: string; port: number }): ConnectorConfig => ({
    'connection.url': `jdbc:mysql://${endpoint.host}:${endpoint.port}/${bed.database}`,
  });

  describe('a transaction that can not go on', () => {
    it('is undone as a whole when a row stays locked, and goes through when it is free', async () => {
      const table = newTableName();
      const { key, store } = await openPosition(bed.configOf(table));
      await store.transaction((tx) => tx.writeRows(rows));
      await bed.root.query('START TRANSACTION');
      await bed.root.query(`SELECT * FROM ${table} WHERE id = 'b' FOR UPDATE`);
      const write = (): Promise<unknown> =>
        store.transaction(async (tx) => {
          await tx.movePartition(key, move);
          await tx.addSkipped(key, 1);
          return tx.writeRows(
            batchOf([
              ['a', '3'],
              ['b', '3'],
            ]),
          );
        });
      const started = performance.now();
      const failure = await failureOf(write());
      expect(performance.now() - started).toBeLessThan(15_000);
      expect(failure).toMatchObject({ code: 'TARGET_FAILED', retriable: true });
      expect(failure.message).toContain('Lock wait timeout');
      await bed.root.query('COMMIT');
      expect(await nextOf(store, key)).toBe(0);
      expect(await bed.readRows(table, ['id', 'value'])).toEqual([
        ['a', '1'],
        ['b', '2'],
      ]);
      expect(await write()).toEqual([]);
      expect(await nextOf(store, key)).toBe(10);
      await store.close();
    });

    it('is undone as a whole by a deadlock, and its victim may try again', async () => {
      const table = newTableName();
      const { store } = await openPosition(bed.configOf(table));
      const other = await bed.plugin.openStore(bed.configOf(table), noSignal);
      await other.prepareTable(pairs);
      await store.transaction((tx) => tx.writeRows(rows));
      let waiting = 0;
      const cross = async (first: SinkStore, order: readonly string[]): Promise<string> => {
        for (let attempt = 1; ; attempt += 1) {
          const outcome = await first
            .transaction(async (tx) => {
              await tx.writeRows(batchOf([[order[0] ?? '', `x${attempt}`]]));
              waiting += 1;
              await waitUntil('both hold a row', () => waiting >= 2);
              await tx.writeRows(batchOf([[order[1] ?? '', `x${attempt}`]]));
            })
            .then(
              () => null,
              (error: unknown) => error,
            );
          if (outcome === null) return `attempt ${attempt}`;
          expect(outcome).toMatchObject({ code: 'TARGET_FAILED', retriable: true });
        }
      };
      const outcomes = await Promise.all([cross(store, ['a', 'b']), cross(other, ['b', 'a'])]);
      expect(outcomes.sort()).toEqual(['attempt 1', 'attempt 2']);
      await store.close();
      await other.close();
    });

    it('is undone when its session is killed, and the next one has a new session', async () => {
      const table = newTableName();
      const { key, store } = await openPosition(bed.configOf(table));
      const failure = await failureOf(
        store.transaction(async (tx) => {
          await tx.movePartition(key, move);
          await tx.writeRows(rows);
          for (const id of await bed.sessions()) await bed.root.query(`KILL CONNECTION ${id}`);
          return tx.writeRows(rows);
        }),
      );
      expect(failure).toMatchObject({ code: 'TARGET_UNREACHABLE', retriable: true });
      expect(await nextOf(store, key)).toBe(0);
      expect(await bed.readRows(table, ['id'])).toEqual([]);
      await store.close();
    });

    it('leaves the fence free when its client falls asleep', async () => {
      const table = newTableName();
      const { key, store } = await openPosition(bed.configOf(table));
      const ledger = await bed.plugin.openLedger(bed.configOf(table));
      let begun: Promise<unknown> = Promise.resolve();
      const started = performance.now();
      const failure = await failureOf(
        store.transaction(async (tx) => {
          await tx.lockJob(key.job, 'shared');
          await tx.writeRows(rows);
          begun = (async () => {
            for (;;) {
              const outcome = await ledger.begin(requestOf(key.job, 'task-2')).catch(() => null);
              if (outcome !== null) return outcome;
            }
          })();
          await begun;
          // Awake again, the old one writes nothing more.
          return tx.movePartition(key, move);
        }),
      );
      expect(performance.now() - started).toBeLessThan(45_000);
      expect(await begun).toMatchObject({ kind: 'begun', epoch: 2 });
      expect(failure).toMatchObject({ code: 'TARGET_UNREACHABLE', retriable: true });
      expect(await bed.readRows(table, ['id'])).toEqual([]);
      await ledger.close();
      await store.close();
    });
  });

  describe('a connection that is cut', () => {
    it('at COMMIT leaves a position that says what became of the transaction', async () => {
      const proxy = await startTcpProxy(bed.endpoint);
      const table = newTableName();
      const { key, store } = await openPosition(bed.configOf(table, through(proxy)));
      const ends = { committed: 0, undone: 0 };
      for (let round = 0, next = 0; round < 20; round += 1) {
        const direction = round % 2 === 0 ? 'toClient' : 'toServer';
        const failure = await failureOf(
          store.transaction(async (tx) => {
            await tx.movePartition(key, { ...move, from: next, to: next + 10 });
            await tx.writeRows(batchOf([[`r${round}`, String(next)]]));
            proxy.cutAfter(direction, round % 5);
          }),
        );
        expect(failure).toMatchObject({ code: 'TARGET_UNREACHABLE', retriable: true });
        const found = (await nextOf(store, key)) ?? -1;
        expect([next, next + 10]).toContain(found);
        ends[found === next ? 'undone' : 'committed'] += 1;
        const written = await bed.readRows(table, ['id']);
        expect(written.some(([id]) => id === `r${round}`)).toBe(found !== next);
        next = found;
      }
      expect(ends).toEqual({ committed: 10, undone: 10 });
      await store.close();
      await proxy.close();
    });

    it('in the middle of a statement may pass, and is told with its address', async () => {
      const proxy = await startTcpProxy(bed.endpoint);
      const table = newTableName();
      const { store } = await openPosition(bed.configOf(table, through(proxy)));
      await store.transaction((tx) => tx.writeRows(rows));
      await bed.root.query('START TRANSACTION');
      await bed.root.query(`SELECT * FROM ${table} WHERE id = 'b' FOR UPDATE`);
      const waiting = failureOf(store.transaction((tx) => tx.writeRows(batchOf([['b', '3']]))));
      await waitUntil('a row is waited for', () => hasLockWaiter(bed), 30_000);
      proxy.cut();
      const failure = await waiting;
      expect(failure).toMatchObject({ code: 'TARGET_UNREACHABLE', retriable: true });
      expect(failure.message).toContain(`${proxy.host}:${proxy.port}`);
      await bed.root.query('ROLLBACK');
      await store.close();
      await proxy.close();
    });

    it('while it was idle is replaced without a word', async () => {
      const { key, store } = await openPosition(bed.configOf(newTableName()));
      const killed = await bed.sessions();
      for (const id of killed) await bed.root.query(`KILL CONNECTION ${id}`);
      expect(await nextOf(store, key)).toBe(0);
      const proxy = await startTcpProxy(bed.endpoint);
      const proxied = await openPosition(bed.configOf(newTableName(), through(proxy)));
      proxy.cut();
      expect(await nextOf(proxied.store, proxied.key)).toBe(0);
      await store.close();
      await proxied.store.close();
      await proxy.close();
    });

    it('without anybody being told is given up when the task is stopped', async () => {
      const proxy = await startTcpProxy(bed.endpoint);
      const config = bed.configOf(newTableName(), through(proxy));
      await openPosition(config).then(({ store }) => store.close());
      const stop = new AbortController();
      const store = await bed.plugin.openStore(config, stop.signal);
      await store.prepareTable(pairs);
      const reason = new Error('the task is stopped');
      const work = store.transaction(async (tx) => {
        proxy.setFault({ kind: 'blackhole' });
        const writing = tx.writeRows(rows);
        await pause(50);
        stop.abort(reason);
        return writing;
      });
      await expect(work).rejects.toBe(reason);
      await store.close();
      await proxy.close();
    });
  });

  describe('a server that does not let it in', () => {
    const stepsOf = async (config: ConnectorConfig): Promise<readonly [string, boolean, string][]> =>
      (await bed.plugin.testConnection(config, noSignal)).map((step) => [step.name, step.ok, step.detail]);
    const ledgerFailure = async (config: ConnectorConfig) => {
      const ledger = await bed.plugin.openLedger(config);
      const failure = await failureOf(ledger.begin(requestOf('job', 'task-1')));
      await ledger.close();
      return failure;
    };

    it('because of a wrong password is named with the user, and never with the password', async () => {
      const config = bed.configOf('orders', { 'connection.password': 'wrong-password' });
      const failure = await ledgerFailure(config);
      expect(failure).toMatchObject({ code: 'TARGET_LOGIN', retriable: false });
      expect(failure.message).toContain(`user '${bed.user}'`);
      expect(failure.message).not.toContain('wrong-password');
      const steps = await stepsOf(config);
      expect(steps.map(([name, ok]) => [name, ok])).toEqual([
        ['configuration', true],
        ['resolve', true],
        ['connect and log in', false],
      ]);
    });

    it('because nothing listens, or nobody has that name, is named with its address', async () => {
      const closed = await startTcpProxy(bed.endpoint);
      await closed.close();
      const refused = await ledgerFailure(bed.configOf('orders', through(closed)));
      expect(refused).toMatchObject({ code: 'TARGET_UNREACHABLE', retriable: true });
      expect(refused.message).toContain(`${closed.host}:${closed.port}: nothing listens there`);
      const nowhere = through({ host: 'no-such-host.invalid', port: 3306 });
      const unknown = await ledgerFailure(bed.configOf('orders', nowhere));
      expect(unknown).toMatchObject({ code: 'TARGET_UNREACHABLE' });
      expect(unknown.message).toContain('no-such-host.invalid:3306');
      expect((await stepsOf(bed.configOf('orders', nowhere))).at(-1)?.slice(0, 2)).toEqual([
        'resolve',
        false,
      ]);
    });

    it('because the database does not exist is told how to make it', async () => {
      if (stack === null) return;
      const { user, password } = stack.mariadb;
      const config = bed.configOf('orders', {
        'connection.user': user,
        'connection.password': password,
        'table.name.format': 'syncline_no_such_db.orders',
      });
      const failure = await ledgerFailure(config);
      expect(failure.code).toBe('TARGET_SCHEMA');
      expect(failure.message).toContain('CREATE DATABASE `syncline_no_such_db`;');
    });

    it('because of missing rights is told the GRANT, and running it makes everything work', async () => {
      const table = newTableName();
      const user = `${bed.user}_poor`;
      await bed.execute(`CREATE OR REPLACE USER '${user}'@'127.0.0.1' IDENTIFIED BY 'pw'`);
      const config = bed.configOf(table, { 'connection.user': user, 'connection.password': 'pw' });
      const failure = await ledgerFailure(config);
      expect(failure).toMatchObject({ code: 'TARGET_DENIED', retriable: false });
      const grant = /GRANT .*;/.exec(failure.message)?.[0] ?? '';
      expect((await stepsOf(config)).at(-1)?.[2]).toContain(grant);
      await bed.execute(grant);
      const { store, prepared } = await openRun(bed, config);
      expect(prepared.notes).toEqual([]);
      expect(await store.transaction((tx) => tx.writeRows(rows))).toEqual([]);
      await store.close();
      expect((await stepsOf(config)).map(([name, ok]) => [name, ok])).toEqual([
        ['configuration', true],
        ['resolve', true],
        ['connect and log in', true],
        ['clock', true],
        ['ledger', true],
        ['table', true],
        ['rights', true],
      ]);
      await bed.execute(`DROP USER '${user}'@'127.0.0.1'`);
    });

    it('is tested without a trace in the database', async () => {
      const database = newTableName();
      await bed.execute(`CREATE DATABASE ${database}`);
      const user = `${bed.user}_reader`;
      await bed.execute(`CREATE OR REPLACE USER '${user}'@'127.0.0.1' IDENTIFIED BY 'pw'`);
      await bed.execute(`GRANT SELECT ON ${database}.* TO '${user}'@'127.0.0.1'`);
      const config = bed.configOf('orders', {
        'table.name.format': `${database}.orders`,
        'connection.user': user,
        'connection.password': 'pw',
      });
      const denied = (await stepsOf(config)).find(([name]) => name === 'ledger');
      expect(denied?.slice(0, 2)).toEqual(['ledger', false]);
      expect(denied?.[2]).toContain('GRANT SELECT, INSERT, UPDATE, DELETE, CREATE');
      await bed.execute(`GRANT CREATE ON ${database}.* TO '${user}'@'127.0.0.1'`);
      await stepsOf(config);
      const steps = await stepsOf(config);
      expect(steps).toContainEqual([
        'ledger',
        true,
        `the first run will make the ledger tables in ${database}`,
      ]);
      await bed.execute(`DROP USER '${user}'@'127.0.0.1'`);
      await bed.execute(`DROP DATABASE ${database}`);
    });

    it('may forbid to create tables when they are there already', async () => {
      const table = newTableName();
      await openRun(bed, bed.configOf(table)).then(({ store }) => store.close());
      const user = `${bed.user}_plain`;
      await bed.execute(`CREATE OR REPLACE USER '${user}'@'127.0.0.1' IDENTIFIED BY 'pw'`);
      await bed.execute(
        `GRANT SELECT, INSERT, UPDATE, DELETE ON \`${bed.database}\`.* TO '${user}'@'127.0.0.1'`,
      );
      const config = bed.configOf(table, { 'connection.user': user, 'connection.password': 'pw' });
      const ledger = await bed.plugin.openLedger(config);
      expect(await ledger.begin(requestOf(jobOf(bed, bed.configOf(table)), 'task-2'))).toMatchObject({
        kind: 'begun',
      });
      await ledger.close();
      const missing = bed.configOf(newTableName(), { 'connection.user': user, 'connection.password': 'pw' });
      const store = await bed.plugin.openStore(missing, noSignal);
      const failure = await failureOf(store.prepareTable(pairs));
      await store.close();
      expect(failure.code).toBe('TARGET_DENIED');
      expect(failure.message).toContain('GRANT');
      await bed.execute(`DROP USER '${user}'@'127.0.0.1'`);
    });
  });
});
