// The MySQL sink on a real MariaDB: which way rows go, and what the conformance suites can't ask of every target.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { RowSchema } from '../../src/core/connector/field-type.ts';
import type { RefusedRow } from '../../src/core/connector/sink-store.ts';
import { batchOf, newTableName, noSignal, openRun, pairs, pairsOf } from '../conformance/sink-bed.ts';
import { startFileThief } from '../support/file-thief.ts';
import { openMysqlBed, type MysqlBed } from '../support/mysql-bed.ts';
import { failureOf } from '../support/sync-failure.ts';
import { english } from '../support/english.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('the MySQL sink on MariaDB', () => {
  let bed: MysqlBed;
  beforeAll(async () => {
    if (stack === null) throw new Error('there is no stack');
    bed = await openMysqlBed(stack.mariadb);
  });
  afterAll(() => bed.close());

  const write = async (
    table: string,
    rows: readonly (readonly (string | Uint8Array | null)[])[],
    options: { schema?: RowSchema; config?: ConnectorConfig } = {},
  ): Promise<{ notes: readonly string[]; refused: readonly RefusedRow[] }> => {
    const { store, prepared } = await openRun(bed, bed.configOf(table, options.config), options.schema);
    try {
      const refused = await store.transaction((tx) => tx.writeRows(batchOf(rows)));
      return { notes: english(prepared.notes), refused };
    } finally {
      await store.close();
    }
  };
  const countOf = async (counter: string): Promise<number> => {
    const [rows] = await bed.root.query('SHOW GLOBAL STATUS LIKE ?', [counter]);
    return Number((rows as { Value: string }[])[0]?.Value);
  };
  const ab = [
    ['a', '1'],
    ['b', '2'],
  ];

  describe('the way rows go', () => {
    it('is LOAD DATA for a table that auto.create made', async () => {
      const before = await countOf('Com_load');
      const { notes, refused } = await write(newTableName(), ab);
      expect([notes, refused]).toEqual([[], []]);
      expect(await countOf('Com_load')).toBeGreaterThan(before);
    });

    it('is prepared statements for a table with triggers, and no DELETE trigger fires', async () => {
      const table = newTableName();
      await bed.execute(`CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value VARCHAR(20))`);
      await bed.execute(`CREATE TABLE ${table}_log (what VARCHAR(20))`);
      for (const event of ['INSERT', 'UPDATE', 'DELETE'])
        await bed.execute(
          `CREATE TRIGGER ${table}_${event} AFTER ${event} ON ${table} FOR EACH ROW INSERT INTO ${table}_log VALUES ('${event}')`,
        );
      const { notes } = await write(table, ab);
      expect(notes.join()).toContain('LOAD DATA is not used: the table has a trigger');
      await write(table, [['a', 'changed']]);
      expect(await bed.readRows(`${table}_log`, ['what'])).toEqual([['INSERT'], ['INSERT'], ['UPDATE']]);
    });

    it('is prepared statements for a table that others point at, and their rows stay', async () => {
      const table = newTableName();
      await bed.execute(`CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value VARCHAR(20))`);
      await bed.execute(`INSERT INTO ${table} VALUES ('a', 'old')`);
      await bed.execute(
        `CREATE TABLE ${table}_child (id ${bed.exactKey}, FOREIGN KEY (id) REFERENCES ${table} (id) ON DELETE CASCADE)`,
      );
      await bed.execute(`INSERT INTO ${table}_child VALUES ('a')`);
      const { notes } = await write(table, ab);
      expect(notes.join()).toContain('a foreign key points at the table');
      expect(await bed.readRows(table, ['id', 'value'])).toEqual(ab);
      expect(await bed.readRows(`${table}_child`, ['id'])).toEqual([['a']]);
    });

    it('is prepared statements where the user could not see a trigger', async () => {
      const table = newTableName();
      const user = `${bed.user}_blind`;
      await bed.execute(`CREATE OR REPLACE USER '${user}'@'127.0.0.1' IDENTIFIED BY 'pw'`);
      await bed.execute(
        `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON \`${bed.database}\`.* TO '${user}'@'127.0.0.1'`,
      );
      const config = { 'connection.user': user, 'connection.password': 'pw' };
      const { notes, refused } = await write(table, ab, { config });
      await bed.execute(`DROP USER '${user}'@'127.0.0.1'`);
      expect(notes.join()).toContain('without the TRIGGER right on the database');
      expect(refused).toEqual([]);
      expect(await bed.readRows(table, ['id', 'value'])).toEqual(ab);
    });

    it('converts text for a column that is not utf-8, and refuses what it can not hold', async () => {
      const table = newTableName();
      await bed.execute(
        `CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value VARCHAR(20) CHARACTER SET latin1)`,
      );
      const before = await countOf('Com_load');
      const { notes, refused } = await write(table, [
        ['a', 'é'],
        ['b', 'ü'],
      ]);
      expect([notes, refused]).toEqual([[], []]);
      expect(await countOf('Com_load')).toBeGreaterThan(before);
      const second = await write(table, [
        ['c', 'ö'],
        ['d', '中'],
      ]);
      expect(second.refused).toMatchObject([{ index: 1, key: 'd', field: 'value' }]);
      expect(await bed.readRows(table, ['id', 'HEX(value)', 'CONVERT(value USING utf8mb4)'])).toEqual([
        ['a', 'E9', 'é'],
        ['b', 'FC', 'ü'],
        ['c', 'F6', 'ö'],
      ]);
    });

    it('refuses an emoji in a column of three-byte utf-8', async () => {
      const table = newTableName();
      await bed.execute(
        `CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value VARCHAR(20) CHARACTER SET utf8mb3)`,
      );
      const { refused } = await write(table, [
        ['a', '中'],
        ['b', '😀'],
      ]);
      expect(refused).toMatchObject([{ index: 1, key: 'b', field: 'value', bytesHex: 'f09f9880' }]);
      expect(await bed.readRows(table, ['id', 'value'])).toEqual([['a', '中']]);
    });
  });

  describe('a value that would be altered without an error', () => {
    it.each([
      ['decimal(12,4)', 'DECIMAL(12,2)', { kind: 'decimal', precision: 12, scale: 4 }],
      ['decimal(12,2)', 'DECIMAL(10,2)', { kind: 'decimal', precision: 12, scale: 2 }],
      ['datetime(3)', 'DATETIME', { kind: 'timestamp', precision: 3 }],
      ['datetime(0)', 'DATE', { kind: 'timestamp', precision: 0 }],
      ['double', 'FLOAT', { kind: 'float64' }],
      ['double', 'DOUBLE(10,2)', { kind: 'float64' }],
      ['bigint', 'INT', { kind: 'int64' }],
      ['bigint', 'DOUBLE', { kind: 'int64' }],
      ['boolean', 'BIT(1)', { kind: 'boolean' }],
      ['varbinary(3)', 'BINARY(4)', { kind: 'bytes', length: 3 }],
      ['bytes', 'LONGTEXT', { kind: 'bytes', length: 0 }],
      ['string', 'BINARY(4)', { kind: 'string', length: 4 }],
    ] as const)('makes %s in a column %s a refusal', async (_, declared, type) => {
      const table = newTableName();
      await bed.execute(`CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value ${declared})`);
      const failure = await failureOf(write(table, [], { schema: pairsOf(type) }));
      expect(failure).toMatchObject({ code: 'TARGET_SCHEMA', field: 'value' });
    });

    it('is found as a warning where only the value is wrong', async () => {
      const table = newTableName();
      await bed.execute(`CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value VARCHAR(3))`);
      const { refused } = await write(table, [
        ['a', 'abc'],
        ['b', 'abc  '],
      ]);
      expect(refused).toMatchObject([{ index: 1, key: 'b', field: 'value' }]);
      expect(await bed.readRows(table, ['id', 'value'])).toEqual([['a', 'abc']]);
    });
  });

  it('refuses a row that is larger than any packet of the server, and writes the others', async () => {
    const table = newTableName();
    const schema = pairsOf({ kind: 'string', length: 0 });
    const rows = [
      ['a', 'x'],
      ['big', 'y'.repeat(17 * 1024 * 1024)],
      ['half', 'z'.repeat(9 * 1024 * 1024)],
      ['c', 'x'],
    ];
    const { refused } = await write(table, rows, { schema });
    expect(refused).toMatchObject([{ index: 1, key: 'big' }]);
    expect(refused[0]?.reason).toContain('max_allowed_packet');
    expect(await bed.readRows(table, ['id', 'LENGTH(value)'])).toEqual([
      ['a', '1'],
      ['c', '1'],
      ['half', String(9 * 1024 * 1024)],
    ]);
  });

  it('refuses a table whose engine has no transactions, and says how to change that', async () => {
    const table = `${newTableName()}-of order`;
    await bed.execute(
      `CREATE TABLE \`${table}\` (id ${bed.exactKey} PRIMARY KEY, value VARCHAR(8)) ENGINE=MyISAM`,
    );
    const failure = await failureOf(write(table, ab));
    expect(failure.code).toBe('TARGET_SCHEMA');
    const advice = /ALTER TABLE .*?;/.exec(failure.message)?.[0] ?? '';
    await bed.execute(advice);
    expect((await write(table, ab)).refused).toEqual([]);
  });

  it('says how to make a folding key exact, and that works', async () => {
    const table = `${newTableName()}-of order`;
    await bed.execute(`CREATE TABLE \`${table}\` (id ${bed.foldingKey} PRIMARY KEY, value VARCHAR(8))`);
    const failure = await failureOf(write(table, ab));
    expect(failure.code).toBe('KEYS_MAY_MERGE');
    await bed.execute(/ALTER TABLE .*?;/.exec(failure.message)?.[0] ?? '');
    const keys = [
      ['A', '1'],
      ['a', '2'],
      ['a ', '3'],
    ];
    expect((await write(table, keys)).refused).toEqual([]);
    expect(await bed.readRows(table, ['id', 'value'])).toEqual(keys);
  });

  describe('a server that asks for a file of this machine', () => {
    const file = '/etc/hostname';

    it('gets nothing at a statement of the ledger or of the store', async () => {
      const thief = await startFileThief(bed.endpoint, { file, instead: 'SET SESSION sql_mode' });
      const config = bed.configOf(newTableName(), {
        'connection.url': `jdbc:mysql://${thief.host}:${thief.port}/${bed.database}`,
      });
      const ledger = await bed.plugin.openLedger(config);
      await failureOf(ledger.readJob('job'));
      const store = await bed.plugin.openStore(config, noSignal);
      await failureOf(store.prepareTable(pairs));
      await ledger.close();
      await store.close();
      await thief.close();
      expect(thief.asked).toBe(2);
      // An empty packet each: four bytes of header.
      expect([...thief.stolen]).toEqual([0, 0, 0, 2, 0, 0, 0, 2]);
    });

    it('gets nothing, and not the rows either, at LOAD DATA', async () => {
      const thief = await startFileThief(bed.endpoint, { file, renaming: 'syncline-rows' });
      const table = newTableName();
      const { store } = await openRun(
        bed,
        bed.configOf(table, {
          'connection.url': `jdbc:mysql://${thief.host}:${thief.port}/${bed.database}`,
        }),
      );
      const failure = await failureOf(store.transaction((tx) => tx.writeRows(batchOf(ab))));
      await store.close();
      await thief.close();
      expect(failure.message).toContain('a file that was not offered');
      expect(thief.asked).toBe(1);
      expect(thief.stolen.subarray(0, 4)).toEqual(Buffer.from([0, 0, 0, 2]));
      expect(thief.stolen.includes('a\t1')).toBe(false);
      expect(await bed.readRows(table, ['id'])).toEqual([]);
    });
  });
});
