// The SQL source over a real MariaDB: types, keys, character sets, odd tables.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { mysqlDialect } from '../../connectors/mysql/source/server.ts';
import type { SourceSession, SqlDialect } from '../../connectors/sql/source/dialect.ts';
import { createSqlSource } from '../../connectors/sql/source/source-connector.ts';
import { readAll, readIncrement, signal } from '../conformance/sql-source-bed.ts';
import { describeSqlIncrements } from '../conformance/sql-source-increments.ts';
import { describeSqlSource } from '../conformance/sql-source.ts';
import { english } from '../support/english.ts';
import { openMysqlSourceBed } from '../support/mysql-source-bed.ts';
import type { MysqlSourceBed } from '../support/mysql-source-bed.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('the SQL source over MariaDB, by a user who sees transactions', () => {
  let bed: MysqlSourceBed;
  beforeAll(async () => {
    if (stack !== null) bed = await openMysqlSourceBed(stack.mariadb, 'transactions');
  });
  afterAll(() => bed.close());

  describeSqlIncrements(() => bed);

  it.each([
    // Of neither has InnoDB a transaction.
    { what: 'waits for the lock of its table', engine: 'InnoDB', locked: true },
    { what: 'writes where there are no transactions', engine: 'MyISAM', locked: false },
  ])('a statement that $what holds the window, so that its rows are read', async ({ engine, locked }) => {
    const table = `late_${engine.toLowerCase()}`;
    await bed.execute(
      `CREATE TABLE ${table} (id INT PRIMARY KEY, at TIMESTAMP(6) NOT NULL) ENGINE=${engine}`,
    );
    const config = { 'table.whitelist': table, mode: 'timestamp', 'timestamp.column.name': 'at' };
    const seen: number[] = [];
    let base = (await readAll(bed, config)).plan.window.to;
    const read = async (): Promise<void> => {
      const { rows, plan } = await readIncrement(bed, config, base);
      seen.push(...rows.map(({ key }) => Number(key)));
      base = plan.window.to;
    };
    const writer = await bed.beginTransaction?.();
    if (locked) await bed.execute(`LOCK TABLES ${table} READ`);
    const writing = writer?.execute(
      `INSERT INTO ${table} SELECT seq, NOW(6) FROM seq_1_to_4 WHERE ${locked ? 1 : 'SLEEP(0.5) = 0'}`,
    );
    const isRunning = `SELECT 1 FROM information_schema.processlist WHERE info LIKE 'INSERT INTO ${table} %' AND state REGEXP 'wait|sleep'`;
    while ((await bed.ask(isRunning)).length === 0);
    await read();
    await bed.execute('UNLOCK TABLES');
    await writing;
    await writer?.commit();
    // Statements of other suites on the server end, too.
    for (let tries = 0; seen.length < 4 && tries < 20; tries += 1) await read();
    expect(seen.sort()).toEqual([1, 2, 3, 4]);
  });

  it('a table that was emptied by TRUNCATE is another one', async () => {
    const markOf = async () => (await readAll(bed, { 'table.whitelist': 'emptied' })).plan.sourceMark;
    await bed.execute(`CREATE TABLE emptied (id INT PRIMARY KEY)`);
    await bed.execute(`INSERT INTO emptied VALUES (1)`);
    const mark = await markOf();
    await bed.execute(`INSERT INTO emptied VALUES (2)`);
    expect(await markOf()).toBe(mark);
    await bed.execute(`TRUNCATE emptied`);
    await bed.execute(`INSERT INTO emptied VALUES (1)`);
    expect(await markOf()).not.toBe(mark);
  });
});

describe.skipIf(stack === null)('the SQL source over MariaDB', () => {
  let bed: MysqlSourceBed;
  const open = async (): Promise<MysqlSourceBed> => {
    if (stack === null) throw new Error('no stack');
    return openMysqlSourceBed(stack.mariadb);
  };
  beforeAll(async () => {
    bed = await open();
  });
  afterAll(() => bed.close());

  describeSqlSource(() => bed);

  it('reads every type as it is, or says why not', async () => {
    await bed.execute(`CREATE TABLE types (id INT PRIMARY KEY, u BIGINT UNSIGNED, z INT(6) ZEROFILL, m MEDIUMINT, y YEAR, b1 BIT(1),
      b9 BIT(9), b64 BIT(64), d DECIMAL(38,10), f FLOAT, g DOUBLE, day DATE, at DATETIME(3), ts TIMESTAMP(6) NULL, t TIME(2), e ENUM('a','ö'),
      s SET('x','y'), j JSON, c CHAR(5), v VARCHAR(20) CHARACTER SET latin1, l LONGTEXT CHARACTER SET gbk, n BINARY(4), w VARBINARY(9), o BLOB,
      i6 INET6, uu UUID, gen INT AS (id + 1) VIRTUAL, hidden INT INVISIBLE DEFAULT 7)`);
    await bed.execute(`SET SESSION time_zone = '+08:00'`);
    await bed.execute(`INSERT INTO types VALUES (1, 18446744073709551615, 42, -8388608, 1999, b'1', b'100000001', b'${'1'.repeat(64)}',
      '-1234567890123456789012345678.0123456789', 0.1, 1e300, '9999-12-31', '2026-01-02 03:04:05.678', '2026-01-02 08:04:05.123456',
      '23:59:59.99', 'ö', 'x,y', '{"a": "\\\\n"}', 'ab', 'Köln\\t€', '北京\\n', x'01000a09', x'5c00', x'ff0d', '2001:db8::1',
      '123e4567-e89b-12d3-a456-426655440000', DEFAULT)`);
    await bed.execute(`INSERT INTO types (id) VALUES (2)`);
    const { rows, plan } = await readAll(bed, { 'table.whitelist': 'types' });
    expect(plan.schema.key).toEqual(['id']);
    expect(rows[0]?.values).toEqual([
      ...['1', '18446744073709551615', '42', '-8388608', '1999', '1', '257', '18446744073709551615'],
      ...[
        '-1234567890123456789012345678.0123456789',
        '0.1',
        '1e300',
        '9999-12-31',
        '2026-01-02 03:04:05.678',
      ],
      ...['2026-01-02 00:04:05.123456', '23:59:59.99', 'ö', 'x,y', '{"a": "\\n"}', 'ab', 'Köln\t€', '北京\n'],
      ...[
        '\u0001\0\n\t',
        '\\\0',
        Buffer.from('ff0d', 'hex').toString('utf8'),
        '2001:db8::1',
        '123e4567-e89b-12d3-a456-426655440000',
        '2',
        '7',
      ],
    ]);
    expect(rows[1]?.values).toEqual(['2', ...Array<null>(25).fill(null), '3', '7']);
  });

  it('takes of a COMPRESSED column no more than its bytes for its length, as the server counts no characters there', async () => {
    await bed.execute(
      `CREATE TABLE pressed (id INT PRIMARY KEY, c VARCHAR(20) COMPRESSED CHARACTER SET utf8mb4, b VARBINARY(20) COMPRESSED)`,
    );
    await bed.execute(`INSERT INTO pressed VALUES (1, _utf8mb4 X'${'78'.repeat(64)}', X'ff')`);
    const { rows, plan } = await readAll(bed, { 'table.whitelist': 'pressed' });
    expect(rows.map(({ values }) => values[1]?.length)).toEqual([64]);
    expect(plan.schema.fields.slice(1).map(({ type }) => type)).toEqual([
      { kind: 'string', length: 80 },
      { kind: 'bytes', length: 20 },
    ]);
  });

  it('refuses zero dates and times beyond a day row by row, in words, or sends NULL where the URL says so', async () => {
    await bed.execute(`SET SESSION sql_mode = ''`);
    await bed.execute(`CREATE TABLE odd_times (id INT PRIMARY KEY, d DATE NOT NULL, t TIME, at DATETIME)`);
    await bed.execute(`INSERT INTO odd_times VALUES (1, '0000-00-00', NULL, NULL), (2, '2026-00-01', NULL, NULL),
      (3, '2026-01-01', '24:00:00', NULL), (4, '2026-01-01', '-00:00:01', NULL), (5, '2026-01-01', '838:59:59', NULL),
      (6, '2026-01-01', '00:00:00', '0000-00-00 00:00:00'), (7, '2024-02-29', '23:59:59', '1000-01-01 00:00:00')`);
    const { rows, out } = await readAll(bed, { 'table.whitelist': 'odd_times' });
    expect(rows.map(({ key }) => key)).toEqual(['7']);
    expect(out.dirtyRows.map(({ key, field }) => `${key} ${field}`)).toEqual([
      '1 d',
      '2 d',
      '3 t',
      '4 t',
      '5 t',
      '6 at',
    ]);
    expect(out.dirtyRows[0]?.reason).toContain('convertToNull');
    expect(out.dirtyRows[2]?.reason).toContain('CAST');
    const url = `${bed.place['connection.url'] ?? ''}?zeroDateTimeBehavior=CONVERT_TO_NULL`;
    const nulled = await readAll(bed, { 'table.whitelist': 'odd_times', 'connection.url': url });
    expect(nulled.rows.map(({ key, values }) => [key, values[1], values[3]])).toEqual([
      ['1', null, null],
      ['2', null, null],
      ['6', '2026-01-01', null],
      ['7', '2024-02-29', '1000-01-01 00:00:00'],
    ]);
    expect(nulled.plan.schema.fields[1]).toMatchObject({ name: 'd', optional: true });
  });

  it('refuses a column that has no values in rows, by its name, and reads the others when it is left out', async () => {
    await bed.execute(`CREATE TABLE places (id INT PRIMARY KEY, at POINT, v INT)`);
    await expect(readAll(bed, { 'table.whitelist': 'places' })).rejects.toMatchObject({
      code: 'SOURCE_SCHEMA',
      message: expect.stringMatching(/at: columns of type point can't be read.*sql\.columns/) as unknown,
    });
    expect((await readAll(bed, { 'table.whitelist': 'places', 'sql.columns': 'id,v' })).rows).toEqual([]);
  });

  it('reads rows of 15 MB', async () => {
    await bed.execute(`CREATE TABLE long_rows (id INT PRIMARY KEY, v LONGTEXT)`);
    await bed.execute(`INSERT INTO long_rows VALUES (1, REPEAT('x', 15000000)), (3, 'short')`);
    const { rows } = await readAll(bed, { 'table.whitelist': 'long_rows' });
    expect(rows.map(({ key, values }) => [key, values[1]?.length])).toEqual([
      ['1', 15_000_000],
      ['3', 5],
    ]);
  });

  it('cuts by numbers with gaps, by text, and by two columns; the parts are the whole', async () => {
    await bed.execute(`CREATE TABLE gaps (id BIGINT PRIMARY KEY, v INT) AS
      SELECT IF(seq % 2 = 0, seq, seq + 1000000000000) AS id, seq AS v FROM seq_1_to_100000`);
    await bed.execute(`CREATE TABLE texts (k VARCHAR(40) COLLATE utf8mb4_general_ci PRIMARY KEY, v INT) AS
      SELECT CONCAT(IF(seq % 3 = 0, 'ä', 'B'), MD5(seq)) AS k, seq AS v FROM seq_1_to_100000`);
    await bed.execute(`CREATE TABLE pairs (a VARBINARY(4) NOT NULL, b INT NOT NULL, v INT, PRIMARY KEY (a, b)) AS
      SELECT UNHEX(MD5(seq % 7)) AS a, seq AS b, seq AS v FROM seq_1_to_100000`);
    await bed.execute('ANALYZE TABLE gaps, texts, pairs');
    for (const table of ['gaps', 'texts', 'pairs']) {
      const { rows, plan, closing } = await readAll(bed, { 'table.whitelist': table });
      expect(plan.splits.length, table).toBeGreaterThanOrEqual(4);
      expect(new Set(rows.map(({ values }) => values.at(-1))).size, table).toBe(100_000);
      expect(rows.length, table).toBe(100_000);
      expect(closing, table).toHaveLength(1);
    }
  });

  it('has each row once whose key moves from range to range while views are opened', async () => {
    await bed.execute(
      `CREATE TABLE wandering (id BIGINT PRIMARY KEY, v INT) AS SELECT seq * 2 AS id, 0 AS v FROM seq_1_to_100000`,
    );
    await bed.execute(`INSERT INTO wandering VALUES (1, 1)`);
    await bed.execute('ANALYZE TABLE wandering');
    let turn = Promise.resolve<unknown>(null);
    const beginMoved = (session: SourceSession): SourceSession => {
      const begin = session.beginView.bind(session);
      session.beginView = (of) => {
        const next = turn.then(async () => {
          await bed.execute(`UPDATE wandering SET id = 200000 - id WHERE v = 1`);
          return begin(of);
        });
        turn = next;
        return next;
      };
      return session;
    };
    const locate: SqlDialect['locate'] = (values, refuse) => {
      const server = mysqlDialect.locate(values, refuse);
      return server && { ...server, open: async (opening) => beginMoved(await server.open(opening)) };
    };
    const moved = { ...bed, plugin: createSqlSource([{ ...mysqlDialect, locate }]) };
    const { rows, plan, closing } = await readAll(moved, { 'table.whitelist': 'wandering' });
    expect(plan.splits.length).toBeGreaterThanOrEqual(4);
    expect(rows.filter(({ values }) => values[1] === '1')).toHaveLength(1);
    expect(rows).toHaveLength(100_001);
    expect(closing.join()).toContain('through one connection');
  });

  it("takes a server's zone that is not db.timezone for a doubt of increments by DATETIME, and says so when the job is checked", async () => {
    await bed.execute(
      `CREATE TABLE zoned (id INT PRIMARY KEY, at DATETIME(6) NOT NULL, ts TIMESTAMP(6) NOT NULL)`,
    );
    const [[seconds] = []] = await bed.ask(
      `SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', 'SYSTEM'))`,
    );
    expect(seconds).toBe('0');
    const doubtsOf = async (column: string, zone: string) => {
      const byTime = { mode: 'timestamp', 'timestamp.column.name': column, 'db.timezone': zone };
      const config = { 'table.whitelist': 'zoned', ...byTime };
      const { plan } = await readIncrement(bed, config, '2026-01-01T00:00:00Z');
      const steps = await bed.plugin.testConnection(
        { 'connector.class': 'JdbcSource', 'topic.prefix': 't', ...bed.place, ...config },
        signal,
      );
      const foreseen = steps.find(({ name }) => name === 'time zone')?.doubts ?? [];
      expect(english(foreseen)).toEqual(english(plan.doubts));
      return english(plan.doubts).join();
    };
    expect(await doubtsOf('at', 'UTC')).toBe('');
    expect(await doubtsOf('at', 'Asia/Shanghai')).toMatch(
      /own zone is .*\(\+00:00\).*db\.timezone=Asia\/Shanghai.*write db\.timezone=/,
    );
    expect(await doubtsOf('ts', 'Asia/Shanghai')).toBe('');
  });

  it('a view that is defined anew is another one, for a user who may see its text', async () => {
    const markOf = async () =>
      (await readAll(bed, { 'table.whitelist': 'seen', 'sql.key.columns': 'id' })).plan.sourceMark;
    await bed.execute(`CREATE TABLE beneath (id INT PRIMARY KEY)`);
    await bed.execute(`CREATE VIEW seen AS SELECT id FROM beneath WHERE id < 2`);
    const { 'connection.user': reader = '' } = bed.place;
    await bed.execute(`GRANT SHOW VIEW ON seen TO '${reader}'@'127.0.0.1'`);
    const mark = await markOf();
    expect(await markOf()).toBe(mark);
    await bed.execute(`CREATE OR REPLACE VIEW seen AS SELECT id FROM beneath`);
    expect(await markOf()).not.toBe(mark);
  });
});
