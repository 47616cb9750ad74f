// The MySQL sink on a real MariaDB: columns that would store something else than was sent, without a word. By LOAD DATA, by prepared
// statements (a column of the table's own makes them necessary) and by UPDATE.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readMysqlSinkConfig } from '../../connectors/mysql/config.ts';
import { openSession } from '../../connectors/mysql/session/session.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { newTableName, pairsOf } from '../conformance/sink-bed.ts';
import { openMysqlBed, type MysqlBed } from '../support/mysql-bed.ts';
import { throughStores } from '../support/sink-stores.ts';
import { failureOf } from '../support/sync-failure.ts';
import { startStatementThief } from '../support/statement-thief.ts';
import { english } from '../support/english.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = inject('stack');
const text = pairsOf({ kind: 'string', length: 0 });

describe.skipIf(stack === null)('what MariaDB would store changed', () => {
  let bed: MysqlBed;
  beforeAll(async () => {
    if (stack === null) throw new Error('there is no stack');
    bed = await openMysqlBed(stack.mariadb);
  });
  afterAll(() => bed.close());

  const { withStore, write, remove } = throughStores(() => bed, text);

  const paths = {
    'LOAD DATA': { own: '', config: {} },
    'prepared INSERT': { own: ', own INT NULL', config: {} },
    UPDATE: { own: '', config: { 'insert.mode': 'update' } },
  } as const;

  describe.each(Object.entries(paths))('by %s', (path, { own, config }) => {
    const fresh = async (declared: string, keys: readonly string[]): Promise<string> => {
      const table = newTableName();
      await bed.execute(`CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value ${declared}${own})`);
      if (path === 'UPDATE')
        for (const key of keys) await bed.execute(`INSERT IGNORE INTO ${table} (id) VALUES ('${key}')`);
      return table;
    };
    const written = async (
      declared: string,
      values: readonly (string | Uint8Array | null)[],
      schema = text,
    ) => {
      const rows = values.map((value, at) => [`r${at}`, value] as const);
      const table = await fresh(
        declared,
        rows.map(([id]) => id),
      );
      const refused = await write(table, rows, { schema, config });
      const dirty = new Map(refused.map((row) => [row.key, row]));
      const found = await bed.readRows(table, ['id', 'value']);
      return {
        refused,
        dirty: rows.filter(([id]) => dirty.has(id)).map(([, value]) => value),
        stored: found.filter(([id]) => !dirty.has(id ?? '')).map(([, value]) => value),
      };
    };

    it('ENUM takes its members, and no numbers of them (case F1)', async () => {
      const { dirty, stored, refused } = await written("ENUM('25','4','7')", [
        '4',
        '25',
        '1',
        '2',
        '03',
        null,
      ]);
      expect(dirty).toEqual(['1', '2', '03']);
      expect(stored).toEqual(['4', '25', null]);
      expect(refused[0]).toMatchObject({ field: 'value', bytesHex: '31' });
      expect(refused[0]?.reason).toContain('ENUM');
    });

    it('ENUM and SET fold no case and drop no blanks', async () => {
      const values = ['paid', 'PAID', 'paid  ', 'open'];
      const enumerated = await written("ENUM('paid','open') CHARACTER SET latin1", values);
      expect(enumerated.dirty).toEqual(['PAID', 'paid  ']);
      const set = await written("SET('paid','open') COLLATE utf8mb4_general_ci", [
        ...values,
        '1',
        'open,paid',
        'paid,open',
        '',
        null,
      ]);
      expect(set.dirty).toEqual(['PAID', 'paid  ', '1', 'open,paid']);
      expect(set.stored).toEqual(['paid', 'open', 'paid,open', '', null]);
    });

    it('CHAR drops no blanks (case F3)', async () => {
      const { dirty, stored } = await written('CHAR(2)', [
        'A ',
        '  ',
        'ab   ',
        'A',
        '',
        ' a',
        'abc',
        'ab\t',
        'ab\r\n',
      ]);
      expect(dirty).toEqual(['A ', '  ', 'ab   ', 'abc', 'ab\t', 'ab\r\n']);
      expect(stored).toEqual(['A', '', ' a']);
    });

    it('BINARY fills nothing up', async () => {
      const schema = pairsOf({ kind: 'bytes', length: 4 });
      const { dirty, stored } = await written('BINARY(4)', ['ab', 'abcd', '', 'ab\0\0', null], schema);
      expect(dirty).toEqual(['ab', '']);
      expect(stored).toEqual(['abcd', 'ab\0\0', null]);
    });

    it('a value at which a constraint of the table fails in any way is a dirty row like any other', async () => {
      const { dirty, stored } = await written('VARCHAR(64), CHECK (CAST(value AS DECIMAL(10,2)) <> 5)', [
        '1',
        '5',
        '1e308',
        'x',
        '7',
      ]);
      expect(dirty).toEqual(['5', '1e308', 'x']);
      expect(stored).toEqual(['1', '7']);
    });

    it('the server puts no value of its own in the place of NULL (case F2)', async () => {
      const at = pairsOf({ kind: 'timestamp', precision: 0 });
      const values = ['2019-08-16 14:54:32', null];
      for (const declared of [
        'TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP',
        'TIMESTAMP NOT NULL',
        "TIMESTAMP NOT NULL DEFAULT '2020-01-01 00:00:00'",
        'DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP',
        "DATETIME NOT NULL DEFAULT '2020-01-01 00:00:00'",
      ])
        expect(await written(declared, values, at)).toMatchObject({
          dirty: [null],
          stored: ['2019-08-16 14:54:32'],
        });
      const number = pairsOf({ kind: 'int32' });
      const { dirty, stored } = await written(
        'INT NOT NULL AUTO_INCREMENT, KEY (value)',
        ['41', null, '0'],
        number,
      );
      expect(dirty).toEqual([null]);
      expect(stored).toEqual(['41', '0']);
      expect(await written('INT NOT NULL DEFAULT 5', ['1', null], number)).toMatchObject({ dirty: [null] });
      expect(await written("VARCHAR(9) NOT NULL DEFAULT ''", ['', null])).toMatchObject({ dirty: [null] });
    });
  });

  describe('a table', () => {
    it('whose triggers may change rows is not proved, one with others is', async () => {
      const make = async (timing: string): Promise<string> => {
        const table = newTableName();
        await bed.execute(
          `CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value VARCHAR(20), n INT NULL)`,
        );
        await bed.execute(`CREATE TABLE ${table}_log (what VARCHAR(20))`);
        const act = timing.startsWith('BEFORE')
          ? "SET NEW.value = CONCAT(NEW.value, '!')"
          : `INSERT INTO ${table}_log VALUES ('x')`;
        await bed.execute(`CREATE TRIGGER ${table}_t ${timing} ON ${table} FOR EACH ROW ${act}`);
        return table;
      };
      const provable = (table: string, config: ConnectorConfig = {}): Promise<[boolean, string]> =>
        withStore(table, { config }, (_, prepared) =>
          Promise.resolve([prepared.doubts.length === 0, english(prepared.doubts).join('; ')]),
        );
      const before = await make('BEFORE UPDATE');
      const [proved, notes] = await provable(before);
      expect(proved).toBe(false);
      expect(notes).toContain(`trigger ${before}_t (BEFORE UPDATE) may change rows`);
      expect((await provable(before, { 'insert.mode': 'insert' }))[0]).toBe(true);
      expect((await provable(await make('AFTER INSERT')))[0]).toBe(true);
    });

    it('whose triggers nobody can see is not proved', async () => {
      const table = newTableName();
      await bed.execute(`CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value VARCHAR(20))`);
      const user = `${bed.user}_blind`;
      await bed.execute(`CREATE OR REPLACE USER '${user}'@'127.0.0.1' IDENTIFIED BY 'pw'`);
      await bed.execute(
        `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON \`${bed.database}\`.* TO '${user}'@'127.0.0.1'`,
      );
      const config = { 'connection.user': user, 'connection.password': 'pw' };
      const provable = (): Promise<boolean> =>
        withStore(table, { config }, (_, prepared) => Promise.resolve(prepared.doubts.length === 0));
      expect(await provable()).toBe(false);
      await bed.execute(`GRANT TRIGGER ON \`${bed.database}\`.${table} TO '${user}'@'127.0.0.1'`);
      expect(await provable()).toBe(true);
      await bed.execute(`DROP USER '${user}'@'127.0.0.1'`);
    });

    it('that keeps its history is written to like any other', async () => {
      for (const period of [
        '',
        ', f TIMESTAMP(6) GENERATED ALWAYS AS ROW START, t TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (f, t)',
      ]) {
        const table = newTableName();
        await bed.execute(
          `CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value VARCHAR(20)${period}) WITH SYSTEM VERSIONING`,
        );
        const rows = [
          ['a', '1'],
          ['b', '2'],
        ];
        expect(await write(table, rows)).toEqual([]);
        expect(await write(table, [['a', '3']])).toEqual([]);
        await remove(table, [['b', null]], text);
        expect(await bed.readRows(table, ['id', 'value'])).toEqual([['a', '3']]);
        const [history] = await bed.root.query(`SELECT COUNT(*) AS n FROM ${table} FOR SYSTEM_TIME ALL`);
        expect(history).toEqual([{ n: 3 }]);
      }
    });
  });

  describe('a session', () => {
    it('is closed when its settings are refused', async () => {
      const before = await bed.sessions();
      const thief = await startStatementThief(bed.endpoint, {
        instead: 'SET SESSION sql_mode',
        answer: { errno: 1227, message: 'Access denied; you need SUPER' },
      });
      const config = bed.configOf(newTableName(), {
        'connection.url': `jdbc:mysql://${thief.host}:${thief.port}/${bed.database}`,
      });
      const ledger = await bed.plugin.openLedger(config);
      expect((await failureOf(ledger.readJob('job'))).code).toBe('TARGET_DENIED');
      await thief.allGone();
      await ledger.close();
      await waitUntil('the server has none of its sessions', async () =>
        (await bed.sessions()).every((session) => before.includes(session)),
      );
      await thief.close();
    });

    it('gives a statement the time in which its answer is awaited, whatever its user is given', async () => {
      const account = `'${bed.user}'@'127.0.0.1'`;
      await bed.execute(`ALTER USER ${account} WITH MAX_STATEMENT_TIME 1`);
      const session = await openSession(readMysqlSinkConfig(bed.configOf(newTableName())), {
        localFiles: false,
      });
      const [row] = await session.read('SELECT CAST(@@max_statement_time AS CHAR) AS limited');
      session.destroy();
      await bed.execute(`ALTER USER ${account} WITH MAX_STATEMENT_TIME 0`);
      expect(Number(row?.['limited'])).toBe(60);
    });

    it('whose settings were accepted and not kept is not written through', async () => {
      const thief = await startStatementThief(bed.endpoint, {
        instead: 'SET SESSION sql_mode',
        answer: 'ok',
      });
      const config = bed.configOf(newTableName(), {
        'connection.url': `jdbc:mysql://${thief.host}:${thief.port}/${bed.database}`,
      });
      const ledger = await bed.plugin.openLedger(config);
      const failure = await failureOf(ledger.readJob('job'));
      expect(failure.message).toContain('accepted and not kept (sql_mode is ');
      await ledger.close();
      await thief.close();
    });
  });
});
