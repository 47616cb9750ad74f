// Deletes of an SQL source, over every database: keys of source and target are compared, into an SQLite file.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

    const run = (table: string, taskId: string) => {
      const { plugin, place } = bedOf();
      const source = {
        ...place,
        'connector.class': 'JdbcSource',
        'topic.prefix': 't',
        'table.whitelist': table,
      };
      return runLocally({
        ...{ source: plugin, sink: target.plugin, job: `job of ${table}`, taskId, mode: 'full' },
        sourceConfig: { ...source, 'sql.deletes': 'reconcile' },
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

    it('refuses keys that can not be compared, naming the setting', async () => {
      const bed = bedOf();
      await bed.execute(`CREATE TABLE gone_numbers (id ${bed.types.int} NOT NULL PRIMARY KEY)`);
      await expect(
        readAll(bed, { 'table.whitelist': 'gone_numbers', 'sql.deletes': 'reconcile' }),
      ).rejects.toMatchObject({
        code: 'SOURCE_SCHEMA',
        field: 'sql.deletes',
      });
    });
  });
}
