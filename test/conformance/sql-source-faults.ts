// What may happen to a table while it is read: altered, swapped, its server's sessions ended.
import { describe, expect, it } from 'vitest';
import { readAll, readPlan, withTask } from './sql-source-bed.ts';
import type { SqlBed } from './sql-source-bed.ts';

export function describeSqlFaults(bedOf: () => SqlBed): void {
  describe('while it is read', () => {
    it('a table that was altered, or swapped for another one, since it was planned fails the run, which can be tried again', async () => {
      const bed = bedOf();
      const { int, text } = bed.types;
      const acts = {
        added: ['ALTER TABLE % ADD COLUMN w INT'],
        renamed: ['ALTER TABLE % RENAME COLUMN v TO w'],
        swapped: [
          'ALTER TABLE % RENAME TO %_old',
          `CREATE TABLE % (id ${int} NOT NULL PRIMARY KEY, v ${int})`,
        ],
      };
      for (const [act, statements] of Object.entries(acts)) {
        const table = `ddl_${act}`;
        await bed.execute(`CREATE TABLE ${table} (id ${int} NOT NULL PRIMARY KEY, v ${text})`);
        await bed.execute(`INSERT INTO ${table} VALUES (1, 'x')`);
        await withTask(bed, { 'table.whitelist': table }, async (task) => {
          const plan = await task.plan({ base: null, mode: 'full', lagMs: 0 });
          for (const sql of statements) await bed.execute(sql.replaceAll('%', table));
          await expect(readPlan(task, plan), act).rejects.toMatchObject({
            code: 'SOURCE_SCHEMA',
            retriable: true,
          });
        });
      }
    });

    it('its plans tell it from another table of its name, not from itself with other rows', async () => {
      const bed = bedOf();
      const { int, text } = bed.types;
      const markOf = async (table: string) =>
        withTask(bed, { 'table.whitelist': table }, async (task) => {
          const { sourceMark } = await task.plan({ base: null, mode: 'full', lagMs: 0 });
          return sourceMark;
        });
      await bed.execute(`CREATE TABLE anew (id ${int} NOT NULL PRIMARY KEY, v ${text})`);
      const mark = await markOf('anew');
      expect(mark).toBeTypeOf('string');
      await bed.execute(`INSERT INTO anew VALUES (1, 'x')`);
      expect(await markOf('anew')).toBe(mark);
      await bed.execute('DROP TABLE anew');
      await bed.execute(`CREATE TABLE anew (id ${int} NOT NULL PRIMARY KEY, v ${int})`);
      expect(await markOf('anew')).not.toBe(mark);
    });

    it('sessions that the server ends fail the read as one that is away, and the next one comes through', async () => {
      const bed = bedOf();
      if (bed.endSessions === undefined) return;
      const { int, text } = bed.types;
      await bed.execute(`CREATE TABLE ended (id ${int} NOT NULL PRIMARY KEY, v ${text})`);
      await bed.execute(`INSERT INTO ended VALUES (1, 'x')`);
      await withTask(bed, { 'table.whitelist': 'ended' }, async (task) => {
        const plan = await task.plan({ base: null, mode: 'full', lagMs: 0 });
        await readPlan(task, plan);
        await bed.endSessions?.();
        await expect(readPlan(task, plan)).rejects.toMatchObject({
          code: 'SOURCE_UNREACHABLE',
          retriable: true,
        });
      });
      expect((await readAll(bed, { 'table.whitelist': 'ended' })).rows).toHaveLength(1);
    });

    it('is read by two tasks at a time', async () => {
      const bed = bedOf();
      await bed.execute(`CREATE TABLE twice (id ${bed.types.int} NOT NULL PRIMARY KEY)`);
      await bed.execute('INSERT INTO twice VALUES (1), (2)');
      const reads = await Promise.all([1, 2].map(() => readAll(bed, { 'table.whitelist': 'twice' })));
      expect(reads.map(({ rows }) => rows.length)).toEqual([2, 2]);
    });

    it('is not there, or may not be read: said, naming the setting', async () => {
      await expect(readAll(bedOf(), { 'table.whitelist': 'nowhere' })).rejects.toMatchObject({
        code: 'SOURCE_SCHEMA',
        field: 'table.whitelist',
      });
    });
  });
}
