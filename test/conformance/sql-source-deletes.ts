// Deletes of an SQL source, over every database: keys of source and target are compared, into an SQLite file.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { english } from '../support/english.ts';
import { openSqliteBed } from '../connectors/sqlite/sqlite-bed.ts';
import { runLocally } from '../support/local-run.ts';
import type { SinkBed } from './sink-bed.ts';
import { readAll } from './sql-source-bed.ts';
import type { SqlBed } from './sql-source-bed.ts';

export function describeSqlDeletes(bedOf: () => SqlBed): void {
  describe('deletes by comparison of keys', () => {
    let target: SinkBed;
    beforeAll(async () => {
      target = await openSqliteBed();
    });
    afterAll(() => target.close());

    const byTime = { mode: 'timestamp', 'timestamp.column.name': 'at' };
    const run = (table: string, taskId: string, by: ConnectorConfig = {}) => {
      const { plugin, place } = bedOf();
      const source = {
        ...place,
        'connector.class': 'JdbcSource',
        'topic.prefix': 't',
        'table.whitelist': table,
      };
      return runLocally({
        ...{ source: plugin, sink: target.plugin, job: `job of ${table}`, taskId },
        mode: Object.keys(by).length === 0 ? 'full' : 'incremental',
        sourceConfig: { ...source, ...by, 'sql.deletes': 'reconcile' },
        sinkConfig: target.configOf(table),
      });
    };

    it('removes what the source no longer has, whatever its collation orders first', async () => {
      const bed = bedOf();
      await bed.execute(`CREATE TABLE gone (k ${bed.types.text} NOT NULL PRIMARY KEY, v ${bed.types.int})`);
      const keys = ['a', 'B', 'c', 'D', 'öx', 'z', '中', 'b c', '-'];
      for (const [v, key] of keys.entries()) await bed.execute(`INSERT INTO gone VALUES ('${key}', ${v})`);
      expect(await run('gone', 't1')).toMatchObject({ counts: { written: keys.length, removed: 0 } });
      await bed.execute(`DELETE FROM gone WHERE k IN ('B', 'z', '中')`);
      expect(await run('gone', 't2')).toMatchObject({ counts: { removed: 3 } });
      const left = (await target.readRows('gone', ['k'])).map(([key]) => key);
      expect([...left].sort()).toEqual(keys.filter((key) => !['B', 'z', '中'].includes(key)).sort());
    });

    it('compares keys of bytes range by range', async () => {
      const bed = bedOf();
      await bed.execute(`CREATE TABLE gone_bytes (k ${bed.types.bytes} NOT NULL, PRIMARY KEY (k))`);
      for (const key of ['00', '0a09', '5c', 'ff', 'ff00'])
        await bed.execute(`INSERT INTO gone_bytes VALUES (${bed.bytes(key)})`);
      await run('gone_bytes', 't1');
      await bed.execute(`DELETE FROM gone_bytes WHERE k IN (${bed.bytes('0a09')}, ${bed.bytes('ff')})`);
      await run('gone_bytes', 't2');
      expect(await target.readRows('gone_bytes', ['HEX(k)'])).toEqual([['00'], ['5C'], ['FF00']]);
    });

    it('compares numbers by their size, over the ranges that are read side by side', async () => {
      const bed = bedOf();
      await bed.execute(
        `CREATE TABLE gone_numbers (id ${bed.types.bigint} NOT NULL PRIMARY KEY, v ${bed.types.int})`,
      );
      // Enough for several claims in several ranges.
      for (const base of Array.from({ length: 45 }, (_, part) => part * 1_000 - 9_000)) {
        const values = Array.from({ length: 1_000 }, (_, at) => `(${base + at}, 1)`);
        await bed.execute(`INSERT INTO gone_numbers VALUES ${values.join(', ')}`);
      }
      for (const id of ['-9007199254740993', '9007199254740992', '9007199254740993'])
        await bed.execute(`INSERT INTO gone_numbers VALUES (${id}, 2)`);
      expect(await run('gone_numbers', 't1')).toMatchObject({ counts: { written: 45_003, removed: 0 } });
      await bed.execute(
        `DELETE FROM gone_numbers WHERE id IN (-9000, -1, 0, 9, 10, 5000, 35999, 9007199254740992)`,
      );
      expect(await run('gone_numbers', 't2')).toMatchObject({ counts: { removed: 8 } });
      const left = await target.readRows('gone_numbers', ['COUNT(*)', 'MAX(id)', 'SUM(v = 2)']);
      expect(left).toEqual([['44995', '9007199254740993', '2']]);
    }, 120_000);

    it('compares keys of several columns, part by part', async () => {
      const bed = bedOf();
      const { text, int } = bed.types;
      await bed.execute(
        `CREATE TABLE gone_parts (day DATE NOT NULL, v ${int}, name ${text} NOT NULL, no ${int} NOT NULL, PRIMARY KEY (name, no, day))`,
      );
      const keys = ['a 9', 'a 10', 'B 1', 'c 1', 'ab 1', 'a -3'].map((key) => key.split(' '));
      for (const [name, no] of keys)
        for (const day of ['2026-02-28', '1999-12-31'])
          await bed.execute(`INSERT INTO gone_parts VALUES ('${day}', 1, '${name}', ${no})`);
      expect(await run('gone_parts', 't1')).toMatchObject({ counts: { written: 12, removed: 0 } });
      await bed.execute(`DELETE FROM gone_parts WHERE name = 'a' AND no = 10`);
      await bed.execute(`DELETE FROM gone_parts WHERE name = 'B' AND day = '1999-12-31'`);
      expect(await run('gone_parts', 't2')).toMatchObject({ counts: { removed: 3 } });
      const left = await target.readRows('gone_parts', ["name || ' ' || no || ' ' || day"]);
      expect(left.map(([key]) => key).toSorted()).toEqual(
        keys
          .flatMap(([name, no]) => ['2026-02-28', '1999-12-31'].map((day) => `${name} ${no} ${day}`))
          .filter((key) => !key.startsWith('a 10') && key !== 'B 1 1999-12-31')
          .toSorted(),
      );
    });

    it('notices rows that the target lacks although they lie before the window', async () => {
      const bed = bedOf();
      await bed.execute(
        `CREATE TABLE lacking (id ${bed.types.int} NOT NULL PRIMARY KEY, at ${bed.types.time} NOT NULL)`,
      );
      const put = (id: number, at: string) => bed.execute(`INSERT INTO lacking VALUES (${id}, ${at})`);
      for (const id of [1, 2, 3]) await put(id, `'2026-01-01 00:00:0${id}'`);
      await run('lacking', 't1', byTime);
      await put(4, bed.types.now);
      expect(english((await run('lacking', 't2', byTime)).doubts)).toEqual([]);
      const lacks = [expect.stringContaining('the target lacks rows')];
      await put(5, `'2026-01-01 00:00:01'`);
      expect(english((await run('lacking', 't3', byTime)).doubts)).toEqual(lacks);
      await run('lacking', 't4');
      expect(english((await run('lacking', 't5', byTime)).doubts)).toEqual([]);
      await target.execute(`DELETE FROM lacking WHERE id = 2`);
      expect(english((await run('lacking', 't6', byTime)).doubts)).toEqual(lacks);
    });

    it('refuses keys that can not be compared, naming the setting', async () => {
      const bed = bedOf();
      await bed.execute(`CREATE TABLE gone_times (at ${bed.types.time} NOT NULL PRIMARY KEY)`);
      await expect(
        readAll(bed, { 'table.whitelist': 'gone_times', 'sql.deletes': 'reconcile' }),
      ).rejects.toMatchObject({ code: 'SOURCE_SCHEMA', field: 'sql.deletes' });
    });
  });
}
