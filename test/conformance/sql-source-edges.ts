// Edges of the SQL source, over every database: rows at the limit, keys that fold or change, what a user may read, who else is there.
import { describe, expect, it } from 'vitest';
import { english } from '../support/english.ts';
import { readAll, readIncrement, readPlan, withTask } from './sql-source-bed.ts';
import type { SqlBed } from './sql-source-bed.ts';

export function describeSqlEdges(bedOf: () => SqlBed): void {
  describe('edges', () => {
    it('columns of every name: words of SQL, upper case, dots, hyphens, quotes, emoji', async () => {
      const bed = bedOf();
      const names = [
        'select',
        'ORDER',
        'a.b',
        'a-b',
        'a"b',
        "a'b",
        'a`b',
        'a b',
        'a\\b',
        'größe',
        '名',
        ...bed.oddNames,
      ];
      const list = names.map((name) => `${bed.quote(name)} ${bed.types.int} NOT NULL`).join(', ');
      const key = names.slice(2, 7).map((name) => bed.quote(name));
      await bed.execute(
        `CREATE TABLE ${bed.quote('odd-Names.x')} (${list}, PRIMARY KEY (${key.join(', ')}))`,
      );
      await bed.execute(
        `INSERT INTO ${bed.quote('odd-Names.x')} VALUES (${names.map((_, at) => at).join(', ')})`,
      );
      const { rows, plan } = await readAll(bed, { 'table.whitelist': '"odd-Names.x"' });
      expect(plan.schema.fields.map(({ name }) => name)).toEqual(names);
      expect(plan.schema.key).toEqual(names.slice(2, 7));
      expect(rows.map(({ values }) => values)).toEqual([names.map((_, at) => String(at))]);
    });

    it('a column that was added, dropped or widened in mid run: all rows as planned, or the run is tried again', async () => {
      const bed = bedOf();
      const { int, text, bigint } = bed.types;
      const acts = {
        add: 'ADD COLUMN w INT',
        drop: 'DROP COLUMN u',
        ...(bed.widen === undefined ? {} : { widen: bed.widen('v', bigint) }),
      };
      for (const [name, act] of Object.entries(acts)) {
        const table = `mid_${name}`;
        await bed.execute(`CREATE TABLE ${table} (id ${int} NOT NULL PRIMARY KEY, v ${int}, u ${text})`);
        await bed.execute(`INSERT INTO ${table} VALUES (1, 2, 'x'), (2, 3, 'y')`);
        await withTask(bed, { 'table.whitelist': table }, async (task) => {
          const plan = await task.plan({ base: null, mode: 'full', lagMs: 0 });
          await readPlan(task, plan);
          // The view is open: the server makes who alters the table wait, or the reader's next answer another one.
          const altered = bed.execute(`ALTER TABLE ${table} ${act}`);
          const again = await readPlan(task, plan).catch((error: unknown) => error);
          if (again instanceof Error) expect(again, name).toMatchObject({ code: 'SOURCE_SCHEMA' });
          else
            expect(
              (again as { rows: readonly { values: unknown }[] }).rows.map(({ values }) => values),
            ).toEqual([
              ['1', '2', 'x'],
              ['2', '3', 'y'],
            ]);
          await task.close();
          await altered;
        });
        expect((await readAll(bed, { 'table.whitelist': table })).rows, name).toHaveLength(2);
      }
    });

    it('a key that changes: the row comes under its new key, and a full run has it once', async () => {
      const bed = bedOf();
      const { int, time } = bed.types;
      await bed.execute(`CREATE TABLE moved (id ${int} NOT NULL PRIMARY KEY, at ${time} NOT NULL)`);
      await bed.execute(`INSERT INTO moved VALUES (1, '2026-01-01 00:00:00'), (2, '2026-01-01 00:00:00')`);
      const config = { 'table.whitelist': 'moved', mode: 'timestamp', 'timestamp.column.name': 'at' };
      await bed.execute(`UPDATE moved SET id = 9, at = '2026-01-02 00:00:00' WHERE id = 1`);
      const next = await readIncrement(bed, config, '2026-01-01T12:00:00.000000Z');
      expect(next.rows.map(({ key }) => key)).toEqual(['9']);
      // Nothing tells that the old key is gone: the report says so.
      expect(english(next.plan.notes).join()).toContain('deletes not followed');
      expect((await readAll(bed, config)).rows.map(({ key }) => key)).toEqual(['2', '9']);
    });

    it('numbers with gaps, and ones that were given out but are committed later, are read; ones that began anew are a doubt', async () => {
      const bed = bedOf();
      await bed.execute(`CREATE TABLE gapped (id ${bed.types.bigint} NOT NULL PRIMARY KEY)`);
      await bed.execute('INSERT INTO gapped VALUES (1), (5), (1000)');
      const config = { 'table.whitelist': 'gapped', mode: 'incrementing', 'incrementing.column.name': 'id' };
      const first = await readIncrement(bed, config, null);
      expect([first.rows.length, first.plan.window.to]).toEqual([3, '1001']);
      // A connection that kept numbers for itself, 20 to 39 say.
      await bed.execute('INSERT INTO gapped VALUES (20), (1001)');
      const second = await readIncrement(bed, config, first.plan.window.to);
      expect(second.rows.map(({ key }) => key)).toEqual(['1001']);
      expect(english(second.plan.notes).join()).toContain('numbers that are given out in another order');
      await bed.execute('DELETE FROM gapped WHERE id > 900');
      const third = await readIncrement(bed, config, second.plan.window.to);
      expect(english(third.plan.doubts).join()).toContain('numbers began anew');
    });

    it('rows above 16 MB are read whole, and those around them', async () => {
      const bed = bedOf();
      const { longText, repeated } = bed;
      await bed.execute(
        `CREATE TABLE huge (id ${bed.types.int} NOT NULL PRIMARY KEY, v ${longText}, w ${longText})`,
      );
      const sizes = [2, 8_400_000, 9_000_000, 2];
      for (const [id, size] of sizes.entries())
        await bed.execute(`INSERT INTO huge VALUES (${id}, ${repeated(size)}, ${repeated(size)})`);
      const { rows } = await readAll(bed, { 'table.whitelist': 'huge' });
      expect(rows.map(({ values }) => values.map((value) => value?.length))).toEqual(
        sizes.map((size) => [1, size, size]),
      );
    });
  });
}
