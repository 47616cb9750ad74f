// The SQL source over an SQLite file: the suite of all databases, and values of every storage class.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlBed } from '../../conformance/sql-source-bed.ts';
import { readAll } from '../../conformance/sql-source-bed.ts';
import { describeSqlSource } from '../../conformance/sql-source.ts';
import { openSqliteSourceBed } from '../../support/sqlite-source-bed.ts';

describe('the SQL source over SQLite', () => {
  let bed: SqlBed;
  beforeAll(async () => {
    bed = await openSqliteSourceBed();
  });
  afterAll(() => bed.close());

  describeSqlSource(() => bed);

  it('reads values as their column declares them, and refuses those of another class, naming the field', async () => {
    await bed.execute(
      `CREATE TABLE types (id INTEGER PRIMARY KEY, i BIGINT, b BOOLEAN, r REAL, t TEXT, v VARCHAR(5), x BLOB, d DATE, at DATETIME, n DECIMAL(10,2), o)`,
    );
    await bed.execute(
      `INSERT INTO types VALUES (1, 9223372036854775807, 1, 0.1, 'a' || char(0) || 'b' || char(9), 'ü', x'00ff', '2026-01-01', '2026-01-01 01:02:03.5', 12.5, 7)`,
    );
    await bed.execute(`INSERT INTO types (id, i) VALUES (2, 'text')`);
    await bed.execute(`INSERT INTO types (id, t) VALUES (3, x'ff')`);
    await bed.execute(`INSERT INTO types (id, x) VALUES (4, 'text')`);
    await bed.execute(`INSERT INTO types (id, at) VALUES (5, 1767225600)`);
    await bed.execute(`INSERT INTO types (id, i) VALUES (6, 1.5)`);
    await bed.execute(`INSERT INTO types (id, n) VALUES (7, 1.125)`);
    const { rows, out, plan } = await readAll(bed, { 'table.whitelist': 'types' });
    expect(plan.schema.key).toEqual(['id']);
    expect(rows.map(({ values }) => values)).toEqual([
      [
        '1',
        '9223372036854775807',
        '1',
        '0.1',
        'a\0b\t',
        'ü',
        Buffer.from('00ff', 'hex').toString(),
        '2026-01-01',
        '2026-01-01 01:02:03.5',
        '12.5',
        '7',
      ],
    ]);
    expect(out.dirtyRows.map(({ key, field }) => `${key} ${field}`)).toEqual([
      '2 i',
      '3 t',
      '4 x',
      '5 at',
      '6 i',
      '7 n',
    ]);
  });
});
