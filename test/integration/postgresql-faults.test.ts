// The PostgreSQL sink in trouble: sessions that die, rights that lack, log-ins that are refused, and looks that leave nothing behind.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { TargetLedger } from '../../src/core/ledger/ledger.ts';
import { batchOf, newTableName, noSignal, openRun, pairs, requestOf } from '../conformance/sink-bed.ts';
import { openPostgresBed, type PostgresBed } from '../support/postgresql-bed.ts';
import { failureOf } from '../support/sync-failure.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('the PostgreSQL sink in trouble', () => {
  let bed: PostgresBed;
  beforeAll(async () => {
    if (stack === null) throw new Error('there is no stack');
    bed = await openPostgresBed(stack.postgresql);
  });
  afterAll(() => bed.close());

  const check = async (config: ConnectorConfig): Promise<readonly (readonly [string, boolean, string])[]> =>
    (await bed.plugin.testConnection(config, noSignal)).map(({ name, ok, detail }) => [name, ok, detail]);

  it.each(['true', 'false'])(
    'a schema that is missing is said, with how to make it (auto.create=%s)',
    async (create) => {
      const steps = await check(bed.configOf(`not_there.${newTableName()}`, { 'auto.create': create }));
      const failed = steps.filter(([, ok]) => !ok);
      expect(failed.map(([name]) => name)).toContain('table');
      for (const [, , detail] of failed)
        expect(detail).toMatch(/the schema not_there does not exist; create it: CREATE SCHEMA "not_there";$/);
    },
  );

  it('a session that the server ends loses its transaction, and the next one has a new session', async () => {
    const table = newTableName();
    const { store } = await openRun(bed, bed.configOf(table));
    const broken = store.transaction(async (tx) => {
      await tx.writeRows(batchOf([['a', 'x']]));
      for (const pid of await bed.sessions()) await bed.root.query('SELECT pg_terminate_backend($1)', [pid]);
      await tx.writeRows(batchOf([['b', 'x']]));
    });
    expect(await failureOf(broken)).toMatchObject({ code: 'TARGET_UNREACHABLE', retriable: true });
    expect(await bed.readRows(table, ['id'])).toEqual([]);
    await store.transaction((tx) => tx.writeRows(batchOf([['c', 'x']])));
    expect(await bed.readRows(table, ['id'])).toEqual([['c']]);
    await store.close();
  });

  it(
    'a row that somebody else holds is waited for, and then is a failure that may pass',
    { timeout: 30_000 },
    async () => {
      const table = newTableName();
      const { store } = await openRun(bed, bed.configOf(table));
      await store.transaction((tx) => tx.writeRows(batchOf([['a', 'x']])));
      await bed.root.query('BEGIN');
      await bed.root.query(`SELECT * FROM ${table} FOR UPDATE`);
      const waiting = store.transaction((tx) => tx.writeRows(batchOf([['a', 'y']])));
      expect(await failureOf(waiting)).toMatchObject({ code: 'TARGET_FAILED', retriable: true });
      await bed.root.query('ROLLBACK');
      await store.close();
    },
  );

  /** Does it while somebody else's transaction has run the statements, which is committed as soon as a session of the sink waits for it. */
  async function meanwhile<T>(statements: readonly string[], act: () => Promise<T>): Promise<T> {
    await bed.root.query('BEGIN');
    for (const sql of statements) await bed.root.query(sql);
    const [result] = await Promise.all([
      act(),
      waitUntil('a session of the sink waits', sinkWaits, 30_000).finally(() => bed.root.query('COMMIT')),
    ]);
    return result;
  }

  async function sinkWaits(): Promise<boolean> {
    const { rows } = await bed.root.query(
      `SELECT 1 FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid`,
    );
    return rows.length > 0;
  }

  it('a connection that is cut in the middle of a statement is a failure that may pass, with its address', async () => {
    const { hostname, port } = new URL(stack?.postgresql.url ?? '');
    const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
    const table = newTableName();
    const config = bed.configOf(table, {
      'connection.url': `jdbc:postgresql://${proxy.host}:${proxy.port}/${bed.database}`,
    });
    const { store } = await openRun(bed, config);
    await store.transaction((tx) => tx.writeRows(batchOf([['a', 'x']])));
    await bed.root.query('BEGIN');
    await bed.root.query(`SELECT * FROM ${table} FOR UPDATE`);
    const waiting = failureOf(store.transaction((tx) => tx.writeRows(batchOf([['a', 'y']]))));
    await waitUntil('a session of the sink waits', sinkWaits, 30_000);
    proxy.cut();
    const failure = await waiting;
    expect(failure).toMatchObject({ code: 'TARGET_UNREACHABLE', retriable: true });
    expect(failure.message).toContain(`${proxy.host}:${proxy.port}`);
    await bed.root.query('ROLLBACK');
    await store.transaction((tx) => tx.writeRows(batchOf([['a', 'z']])));
    expect(await bed.readRows(table, ['value'])).toEqual([['z']]);
    await store.close();
    await proxy.close();
  });

  it('a table that another one makes at the same moment is taken as it is', async () => {
    const table = newTableName();
    const ddl = `CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value varchar(8))`;
    const store = await bed.plugin.openStore(bed.configOf(table), noSignal);
    expect(await meanwhile([ddl], () => store.prepareTable(pairs))).toMatchObject({ key: [0], doubts: [] });
    await store.close();
  });

  it('ledger tables that another job makes at the same moment are this one’s, too', async () => {
    const ledgerIn = async (schema: string): Promise<TargetLedger> => {
      await bed.execute(`CREATE SCHEMA ${schema}; GRANT ALL ON SCHEMA ${schema} TO ${bed.user}`);
      return bed.plugin.openLedger(bed.configOf(`${schema}.${newTableName()}`));
    };
    const [model, schema] = [newTableName(), newTableName()];
    const [first, second] = [await ledgerIn(model), await ledgerIn(schema)];
    await first.begin(requestOf('a job', 'task-1'));
    const { rows } = await bed.root.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = '${model}'`,
    );
    const ddl = rows.map(
      ({ name }) => `CREATE TABLE ${schema}.${name} (LIKE ${model}.${name} INCLUDING ALL)`,
    );
    const begun = await meanwhile(ddl, () => second.begin(requestOf('another', 'task-1')));
    expect(begun).toMatchObject({ kind: 'begun', epoch: 1 });
    await Promise.all([first.close(), second.close()]);
  });

  it('constraints that wait for COMMIT find their row, too', async () => {
    const table = newTableName();
    await bed.execute(
      `CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value varchar(20) UNIQUE DEFERRABLE INITIALLY DEFERRED)`,
    );
    const { store } = await openRun(bed, bed.configOf(table));
    const refused = await store.transaction((tx) =>
      tx.writeRows(
        batchOf([
          ['a', 'x'],
          ['b', 'x'],
          ['c', 'z'],
        ]),
      ),
    );
    expect(refused).toMatchObject([{ index: 1, key: 'b', conflict: true }]);
    expect(await bed.readRows(table, ['id'])).toEqual([['a'], ['c']]);
    await store.close();
  });

  it.each([
    ['a view', 'CREATE VIEW % AS SELECT 1 AS id', 'is a view'],
    [
      'rules',
      'CREATE TABLE % (id text PRIMARY KEY, value text); CREATE RULE r AS ON INSERT TO % DO INSTEAD NOTHING',
      'has rules',
    ],
    [
      'row level security',
      'CREATE TABLE % (id text PRIMARY KEY, value text); ALTER TABLE % ENABLE ROW LEVEL SECURITY',
      'row level security',
    ],
    ['heirs', 'CREATE TABLE % (id text PRIMARY KEY, value text); CREATE TABLE %_h () INHERITS (%)', 'heirs'],
    [
      'an array',
      'CREATE TABLE % (id text PRIMARY KEY, value text[])',
      'column value is text[] and does not hold every varchar',
    ],
  ])('%s is refused in words', async (_, ddl, words) => {
    const table = newTableName();
    await bed.execute(ddl.replaceAll('%', table));
    const store = await bed.plugin.openStore(bed.configOf(table), noSignal);
    const failure = await failureOf(store.prepareTable(pairs));
    expect(failure).toMatchObject({ code: 'TARGET_SCHEMA' });
    expect(failure.message).toContain(words);
    await store.close();
  });

  it('a check makes nothing, and says as whom, over what, and what the first run will make', async () => {
    const before = await bed.footprint();
    const steps = await check(bed.configOf(newTableName()));
    expect(steps.map(([name, ok]) => [name, ok])).toEqual(
      ['configuration', 'resolve', 'connect and log in', 'clock', 'ledger', 'table'].map((name) => [
        name,
        true,
      ]),
    );
    expect(steps[2]?.[2]).toMatch(/^PostgreSQL \d+\.\d+, as sink_.*, in plain text$/);
    expect(await bed.footprint()).toEqual(before);
  });

  it('a wrong password, database or schema is told as such', async () => {
    const wrong = async (more: ConnectorConfig): Promise<string> =>
      (await check(bed.configOf('t', more)))
        .filter(([, ok]) => !ok)
        .map(([, , detail]) => detail)
        .join();
    const url = `${bed.server}nowhere_${bed.database}`;
    expect(await wrong({ 'connection.password': 'no' })).toContain(
      `refused the log-in of user '${bed.user}'`,
    );
    expect(await wrong({ 'connection.url': url })).toContain(
      `create it: CREATE DATABASE nowhere_${bed.database}`,
    );
    expect(await wrong({ 'table.name.format': 'nowhere.t' })).toContain('CREATE SCHEMA "nowhere"');
    expect(await wrong({ 'connection.url': `${bed.server}${bed.database}?sslmode=require` })).toContain(
      'the server does not speak TLS',
    );
  });

  it('a right that lacks is told with the GRANT, which makes everything work', async () => {
    const table = newTableName();
    await bed.execute(`CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value varchar(20))`);
    await bed.execute(`REVOKE ALL ON ${table} FROM ${bed.user}`);
    const denied = (await check(bed.configOf(table))).find(([name]) => name === 'rights');
    expect(denied?.[1]).toBe(false);
    const grants = /Let an administrator run: (.*;)/.exec(denied?.[2] ?? '')?.[1] ?? '';
    expect(grants).toContain('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public');
    await bed.execute(grants);
    const { store } = await openRun(bed, bed.configOf(table));
    expect(await store.transaction((tx) => tx.writeRows(batchOf([['a', 'x']])))).toEqual([]);
    await store.close();
  });
});
