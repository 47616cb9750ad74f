// The SQL source over a real PostgreSQL: the suite of all databases, types, views of the data shared by sessions.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readAll, readIncrement, readPlan, withTask } from '../conformance/sql-source-bed.ts';
import { describeSqlSource } from '../conformance/sql-source.ts';
import { english } from '../support/english.ts';
import { openPostgresSourceBed } from '../support/postgres-source-bed.ts';
import type { PostgresSourceBed } from '../support/postgres-source-bed.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('the SQL source over PostgreSQL', () => {
  let bed: PostgresSourceBed;
  beforeAll(async () => {
    if (stack === null) return;
    bed = await openPostgresSourceBed(stack.postgresql);
  });
  afterAll(() => bed.close());

  describeSqlSource(() => bed);

  it('reads every type as it is', async () => {
    await bed.execute(`CREATE TYPE mood AS ENUM ('sad', 'ö')`);
    await bed.execute(`CREATE DOMAIN price AS numeric(10,2) CHECK (VALUE > 0)`);
    await bed.execute(`CREATE TABLE types (id INT PRIMARY KEY, s SMALLINT, b BIGINT, o BOOLEAN, n NUMERIC(38,10), u NUMERIC, p price, r REAL, d DOUBLE PRECISION,
      day DATE, at TIMESTAMP(3), tz TIMESTAMPTZ, t TIME(2), c CHAR(5), v VARCHAR(20), x TEXT, m mood, uu UUID, j JSON, jb JSONB, ba BYTEA, ip INET, bits BIT(3),
      gen INT GENERATED ALWAYS AS (id + 1) STORED)`);
    await bed.execute(`INSERT INTO types (id, s, b, o, n, u, p, r, d, day, at, tz, t, c, v, x, m, uu, j, jb, ba, ip, bits) VALUES (1, -32768, 9223372036854775807, true,
      -1234567890123456789012345678.0123456789, 1.50, 2.5, 0.1, '-0', '9999-12-31', '2026-01-02 03:04:05.678', '2026-01-02 08:04:05.123456+08', '23:59:59.99', 'ab',
      E'Köln\\t€', E'b\\bf\\fv\\x0bn\\nr\\rt\\t\\\\ N', 'ö', '123e4567-e89b-12d3-a456-426655440000', '{"a": "\\n"}', '{"a":1}', '\\x00ff0a5c09', '10.0.0.1/8', b'101')`);
    await bed.execute(`INSERT INTO types (id, r, d) VALUES (2, 'NaN', '-Infinity')`);
    const { rows, plan } = await readAll(bed, { 'table.whitelist': 'types' });
    expect(plan.schema.key).toEqual(['id']);
    expect(rows[0]?.values).toEqual([
      ...[
        '1',
        '-32768',
        '9223372036854775807',
        '1',
        '-1234567890123456789012345678.0123456789',
        '1.50',
        '2.50',
        '0.1',
        '-0',
      ],
      ...[
        '9999-12-31',
        '2026-01-02 03:04:05.678',
        '2026-01-02 00:04:05.123456',
        '23:59:59.99',
        'ab',
        'Köln\t€',
      ],
      ...['b\bf\fv\vn\nr\rt\t\\ N', 'ö', '123e4567-e89b-12d3-a456-426655440000', '{"a": "\\n"}', '{"a": 1}'],
      ...[Buffer.from('00ff0a5c09', 'hex').toString(), '10.0.0.1/8', '101', '2'],
    ]);
    expect(rows[1]?.values.slice(7, 9)).toEqual(['NaN', '-Infinity']);
  });

  it('refuses what is no value of its field row by row: NaN, infinity, BC, 24:00; and arrays by their column', async () => {
    await bed.execute(
      `CREATE TABLE odd (id INT PRIMARY KEY, n NUMERIC(5,2), u NUMERIC, d DATE, tz TIMESTAMPTZ, t TIME)`,
    );
    await bed.execute(
      `INSERT INTO odd (id, n, u) VALUES (1, 'NaN', NULL), (2, NULL, 1e40), (3, NULL, 1e-31), (4, NULL, 'Infinity')`,
    );
    await bed.execute(
      `INSERT INTO odd (id, d) VALUES (5, 'infinity'), (6, '0044-03-15 BC'), (7, '10000-01-01'), (8, '0001-01-01')`,
    );
    await bed.execute(`INSERT INTO odd (id, tz, t) VALUES (9, '-infinity', NULL), (10, NULL, '24:00:00')`);
    const { rows, out } = await readAll(bed, { 'table.whitelist': 'odd' });
    expect(rows.map(({ key }) => key)).toEqual(['8']);
    expect(out.dirtyRows.map(({ key, field }) => `${key} ${field}`).sort()).toEqual(
      ['1 n', '2 u', '3 u', '4 u', '5 d', '6 d', '7 d', '9 tz', '10 t'].sort(),
    );
    await bed.execute(`CREATE TABLE arrays (id INT PRIMARY KEY, a INT[])`);
    await expect(readAll(bed, { 'table.whitelist': 'arrays' })).rejects.toMatchObject({
      code: 'SOURCE_SCHEMA',
      message: expect.stringContaining("a: columns of type integer[] can't be read") as unknown,
    });
    const asJson = await readAll(bed, {
      query: 'SELECT id, to_json(a) AS a FROM arrays',
      'sql.key.columns': 'id',
    });
    expect(asJson.plan.schema.fields[1]?.type).toEqual({ kind: 'json' });
  });

  it('takes one statement as a query, whatever else it holds', async () => {
    await bed.execute(`CREATE TABLE kept (id INT PRIMARY KEY)`);
    for (const query of [
      'SELECT 1) q; DROP TABLE kept; SELECT * FROM (SELECT 1',
      'SELECT 1; DROP TABLE kept',
      "SELECT 1 AS a /* '",
    ])
      await expect(readAll(bed, { query }), query).rejects.toMatchObject({ code: 'SOURCE_SCHEMA' });
    expect((await readAll(bed, { 'table.whitelist': 'kept' })).rows).toEqual([]);
  });

  it('takes numbers that a sequence does not give out in order for a doubt of increments', async () => {
    await bed.execute(`CREATE SEQUENCE kept_by_sessions CACHE 20; CREATE SEQUENCE wraps MAXVALUE 1000 CYCLE;
      CREATE TABLE numbered (id BIGSERIAL PRIMARY KEY, own INT NOT NULL GENERATED ALWAYS AS IDENTITY (CACHE 5),
        kept BIGINT NOT NULL DEFAULT nextval('kept_by_sessions'), wrapped INT NOT NULL DEFAULT 1 + nextval('wraps'))`);
    await bed.execute('INSERT INTO numbered DEFAULT VALUES');
    const doubtsOf = async (column: string, base: string | null): Promise<string> => {
      const config = {
        'table.whitelist': 'numbered',
        mode: 'incrementing',
        'incrementing.column.name': column,
      };
      return english((await readIncrement(bed, config, base)).plan.doubts).join();
    };
    expect(await doubtsOf('id', '1')).toBe('');
    for (const [column, word] of [
      ['own', 'CACHE'],
      ['kept', 'CACHE'],
      ['wrapped', 'CYCLE'],
    ] as const) {
      expect(await doubtsOf(column, '1')).toMatch(
        new RegExp(`numbers of ${column} do not come in order.*${word}`),
      );
      expect(await doubtsOf(column, null)).toBe('');
    }
  });

  it('reads all ranges from one view of the data, whatever is written meanwhile', async () => {
    await bed.execute(
      `CREATE TABLE moving AS SELECT id, 1 AS v, md5(id::text) AS t FROM generate_series(1, 100000) AS id`,
    );
    await bed.execute(`ALTER TABLE moving ADD PRIMARY KEY (id)`);
    await bed.execute('ANALYZE moving');
    await withTask(bed, { 'table.whitelist': 'moving' }, async (task) => {
      const plan = await task.plan({ base: null, mode: 'full', lagMs: 0 });
      expect(plan.splits.length).toBeGreaterThanOrEqual(4);
      const first = readPlan(task, { ...plan, splits: plan.splits.slice(0, 1) });
      expect((await first).rows.every(({ values }) => values[1] === '1')).toBe(true);
      await bed.execute(`UPDATE moving SET v = 2`);
      await bed.execute(`DELETE FROM moving WHERE id > 50000`);
      const { rows, closing } = await readPlan(task, plan);
      expect(rows).toHaveLength(100_000);
      expect(rows.every(({ values }) => values[1] === '1')).toBe(true);
      expect(closing).toEqual([]);
    });
  });

  it('takes a zone of the database or of a role that is not db.timezone for a doubt of increments by times without one', async () => {
    await bed.execute(
      `CREATE TABLE zoned (id INT PRIMARY KEY, at TIMESTAMP NOT NULL DEFAULT now(), tz TIMESTAMPTZ NOT NULL DEFAULT now())`,
    );
    const doubtsOf = async (column: string, zone: string) => {
      const byTime = { mode: 'timestamp', 'timestamp.column.name': column, 'db.timezone': zone };
      const config = { 'table.whitelist': 'zoned', ...byTime };
      return english((await readIncrement(bed, config, '2026-01-01T00:00:00Z')).plan.doubts).join();
    };
    const set = (whose: string, zone: string) =>
      bed.execute(
        `DO $$ BEGIN EXECUTE format('ALTER ${whose} SET timezone = ''${zone}''', current_database(), current_user); END $$`,
      );
    await set('DATABASE %I', 'America/Bogota');
    expect(await doubtsOf('at', 'UTC')).toMatch(
      /is America\/Bogota \(-05:00\).*write db\.timezone=America\/Bogota/,
    );
    expect(await doubtsOf('at', 'America/Bogota')).toBe('');
    expect(await doubtsOf('tz', 'UTC')).toBe('');
    await set('ROLE %2$I IN DATABASE %1$I', 'Asia/Shanghai');
    expect(await doubtsOf('at', 'America/Bogota')).toMatch(/Asia\/Shanghai \(\+08:00\)/);
  });

  it('what was rewritten, emptied, refreshed or defined anew between two runs is another one; a new partition is not', async () => {
    await bed.execute(`CREATE TABLE whole (id INT PRIMARY KEY, v TEXT); INSERT INTO whole VALUES (1, 'a');
      CREATE TABLE parted (id INT PRIMARY KEY, v TEXT) PARTITION BY RANGE (id);
      CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (id);
      CREATE TABLE parted_1a PARTITION OF parted_1 FOR VALUES FROM (0) TO (5);
      CREATE VIEW seen AS SELECT id, v FROM whole WHERE id < 2; CREATE MATERIALIZED VIEW kept_rows AS SELECT id, v FROM whole`);
    const marks = async (table: string, changes: readonly string[]): Promise<readonly boolean[]> => {
      const markOf = async () =>
        (await readAll(bed, { 'table.whitelist': table, 'sql.key.columns': 'id' })).plan.sourceMark;
      const isOther: boolean[] = [];
      for (const change of changes) {
        const mark = await markOf();
        await bed.execute(change);
        isOther.push((await markOf()) !== mark);
      }
      return isOther;
    };
    const rewrite = 'ALTER COLUMN v TYPE TEXT USING upper(v)';
    expect(
      await marks('whole', [
        `INSERT INTO whole VALUES (2, 'b')`,
        'ANALYZE whole',
        `ALTER TABLE whole ADD COLUMN w INT; ALTER TABLE whole DROP COLUMN w; INSERT INTO whole VALUES (9, 'x')`,
        'TRUNCATE whole',
      ]),
    ).toEqual([false, false, false, true]);
    expect(
      await marks('parted', [
        'CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20)',
        `ALTER TABLE parted ${rewrite}`,
        'TRUNCATE parted_1a',
      ]),
    ).toEqual([false, true, true]);
    expect(await marks('kept_rows', ['REFRESH MATERIALIZED VIEW kept_rows'])).toEqual([true]);
    expect(await marks('seen', ['CREATE OR REPLACE VIEW seen AS SELECT id, v FROM whole'])).toEqual([true]);
    await bed.execute('DROP VIEW seen; DROP MATERIALIZED VIEW kept_rows');
    expect(await marks('whole', [`ALTER TABLE whole ${rewrite}`])).toEqual([true]);
  });
});
