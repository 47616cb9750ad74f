// Increments of the SQL source, over every database: by a number, by time, by both.
import { describe, expect, it } from 'vitest';
import { english } from '../support/english.ts';
import { readAll, readIncrement, readPlan, withTask } from './sql-source-bed.ts';
import type { SqlBed, SqlRun } from './sql-source-bed.ts';

const keysOf = ({ rows }: Pick<SqlRun, 'rows'>): number[] =>
  rows.map(({ key }) => Number(key)).sort((a, b) => a - b);

export function describeSqlIncrements(bedOf: () => SqlBed): void {
  describe('increments', () => {
    it('by a number: each row once, from the first full read on; rows at the end that went away are a doubt', async () => {
      const bed = bedOf();
      await bed.execute(
        `CREATE TABLE by_number (id ${bed.types.bigint} NOT NULL PRIMARY KEY, v ${bed.types.text})`,
      );
      const config = {
        'table.whitelist': 'by_number',
        mode: 'incrementing',
        'incrementing.column.name': 'id',
      };
      const empty = await readAll(bed, config);
      expect(empty.plan.window).toEqual({ from: null, to: null });
      await bed.execute(`INSERT INTO by_number VALUES (1, 'a'), (2, 'b')`);
      const full = await readIncrement(bed, config, null);
      expect([keysOf(full), full.plan.window]).toEqual([[1, 2], { from: null, to: '3' }]);
      await bed.execute(`INSERT INTO by_number VALUES (3, 'c'), (9007199254740993, 'd')`);
      const next = await readIncrement(bed, config, '3');
      expect(next.rows.map(({ key }) => key)).toEqual(['3', '9007199254740993']);
      expect(next.plan.window).toEqual({ from: '3', to: '9007199254740994' });
      expect((await readIncrement(bed, config, '9007199254740994')).rows).toEqual([]);
      await bed.execute(`DELETE FROM by_number WHERE id > 2`);
      const gone = await readIncrement(bed, config, '9007199254740994');
      expect(gone.plan.window).toEqual({ from: '9007199254740994', to: '9007199254740994' });
      expect(english(gone.plan.doubts)).toEqual([expect.stringContaining('numbers began anew')]);
    });

    it('by a number: one that commits late is waited for', async () => {
      const bed = bedOf();
      if (bed.beginTransaction === undefined) return;
      await bed.execute(`CREATE TABLE late_number (id ${bed.types.int} PRIMARY KEY)`);
      const other = await bed.beginTransaction();
      await other.execute('INSERT INTO late_number VALUES (1)');
      await bed.execute('INSERT INTO late_number VALUES (2)');
      const config = {
        'table.whitelist': 'late_number',
        mode: 'incrementing',
        'incrementing.column.name': 'id',
      };
      await withTask(bed, config, async (task) => {
        const plan = await task.plan({ base: '1', mode: 'incremental', lagMs: 3_000 });
        expect(plan.window).toEqual({ from: '1', to: '3' });
        const reading = readPlan(task, plan);
        await other.commit();
        expect(keysOf(await reading)).toEqual([1, 2]);
      });
    });

    it('by time: rows of one time are all on one side of the edge, however often it is read', async () => {
      const bed = bedOf();
      await bed.execute(
        `CREATE TABLE by_time (id ${bed.types.int} PRIMARY KEY, at ${bed.types.time} NOT NULL)`,
      );
      const rows = ['00.000000', '01.000000', '01.000000', '01.999000', '02.000000', '02.500000'];
      for (const [id, seconds] of rows.entries())
        await bed.execute(`INSERT INTO by_time VALUES (${id}, '2026-01-01 00:00:${seconds}')`);
      const config = { 'table.whitelist': 'by_time', mode: 'timestamp', 'timestamp.column.name': 'at' };
      const at = async (from: string, to: string): Promise<number[]> =>
        withTask(bed, config, async (task) => {
          const plan = await task.plan({ base: from, mode: 'incremental', lagMs: 0 });
          expect(plan.window.from).toBe(from);
          return keysOf(await readPlan(task, { ...plan, window: { from, to } }));
        });
      const edges = ['00.000000', '01.000000', '02.000000', '03.000000'].map(
        (edge) => `2026-01-01T00:00:${edge}Z`,
      );
      const parts = [];
      for (const [index, from] of edges.slice(0, -1).entries())
        parts.push(await at(from, edges[index + 1] ?? ''));
      expect(parts).toEqual([[0], [1, 2, 3], [4, 5]]);
    });

    it("by time: the window ends at the server's clock less the lag, and a chain of windows has every row once", async () => {
      const bed = bedOf();
      const clock = bed.types.now;
      await bed.execute(
        `CREATE TABLE chained (id ${bed.types.int} PRIMARY KEY, at ${bed.types.time} NOT NULL)`,
      );
      const config = {
        'table.whitelist': 'chained',
        mode: 'timestamp+incrementing',
        'timestamp.column.name': 'at',
        'incrementing.column.name': 'id',
      };
      const full = await readAll(bed, config);
      let base = full.plan.window.to;
      const seen: number[] = [];
      for (let id = 0; id < 30; id += 1) {
        await bed.execute(`INSERT INTO chained VALUES (${id}, ${clock})`);
        if (id % 5 !== 0) continue;
        const run = await readIncrement(bed, config, base);
        expect(run.plan.window.from).toBe(base);
        base = run.plan.window.to;
        seen.push(...keysOf(run));
      }
      const lagged = await readIncrement(bed, config, base, 3_600_000);
      expect(lagged.plan.window).toEqual({ from: base, to: base });
      expect(lagged.rows).toEqual([]);
      for (let tries = 0; seen.length < 30 && tries < 100; tries += 1) {
        const run = await readIncrement(bed, config, base);
        base = run.plan.window.to;
        seen.push(...keysOf(run));
      }
      expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, id) => id));
    });

    it('by time: rows without a time, or with one that is still to come, are a doubt of increments', async () => {
      const bed = bedOf();
      await bed.execute(`CREATE TABLE unseen (id ${bed.types.int} PRIMARY KEY, at ${bed.types.time})`);
      const config = {
        'table.whitelist': 'unseen',
        mode: 'timestamp',
        'timestamp.column.name': 'at',
        'validate.non.null': 'false',
      };
      const doubts = async (base: string | null) =>
        english((await readIncrement(bed, config, base)).plan.doubts);
      await bed.execute(`INSERT INTO unseen VALUES (1, '2026-01-01 00:00:00'), (2, ${bed.types.now})`);
      expect(await doubts('2026-01-01T00:00:00Z')).toEqual([]);
      await bed.execute(`INSERT INTO unseen VALUES (3, '2037-01-01 00:00:00')`);
      const ahead: unknown = expect.stringContaining("beyond the server's clock");
      expect(await doubts('2026-01-01T00:00:00Z')).toEqual([ahead]);
      await bed.execute(`INSERT INTO unseen VALUES (4, NULL)`);
      expect(await doubts('2026-01-01T00:00:00Z')).toEqual([ahead, expect.stringContaining('have no time')]);
      expect(await doubts(null)).toEqual([]);
    });

    it('by time: the window ends where the oldest open transaction began, so what it commits late is read', async () => {
      const bed = bedOf();
      if (bed.beginTransaction === undefined) return;
      await bed.execute(
        `CREATE TABLE late_time (id ${bed.types.int} PRIMARY KEY, at ${bed.types.time} NOT NULL)`,
      );
      const config = { 'table.whitelist': 'late_time', mode: 'timestamp', 'timestamp.column.name': 'at' };
      const first = await readAll(bed, config);
      const other = await bed.beginTransaction();
      await other.execute(`INSERT INTO late_time VALUES (1, ${bed.types.now})`);
      await bed.execute(`INSERT INTO late_time VALUES (2, ${bed.types.now})`);
      const during = await readIncrement(bed, config, first.plan.window.to);
      if (!bed.seesTransactions) {
        expect(english(during.plan.notes).join()).toContain('the lag must exceed the longest one');
        await other.commit();
        return;
      }
      expect(keysOf(during)).toEqual([]);
      expect(english(during.plan.notes).join()).toContain('the oldest open transaction began');
      await other.commit();
      expect(keysOf(await readIncrement(bed, config, during.plan.window.to))).toEqual([1, 2]);
    });

    it('by time: a run that reads for long does not hold the windows of other runs', async () => {
      const bed = bedOf();
      if (!bed.seesTransactions) return;
      await bed.execute(`CREATE TABLE held (id ${bed.types.int} PRIMARY KEY, at ${bed.types.time} NOT NULL)`);
      const config = { 'table.whitelist': 'held', mode: 'timestamp', 'timestamp.column.name': 'at' };
      await withTask(bed, { 'table.whitelist': 'held' }, async (long) => {
        await readPlan(long, await long.plan({ base: null, mode: 'full', lagMs: 0 }));
        await bed.execute(`INSERT INTO held VALUES (1, ${bed.types.now})`);
        // Transactions of other suites on the server end; this reader's does not.
        let keys: readonly number[] = [];
        for (let tries = 0; keys.length === 0 && tries < 100; tries += 1)
          keys = keysOf(await readIncrement(bed, config, '2026-01-01T00:00:00.000000Z'));
        expect(keys).toEqual([1]);
      });
    });

    it('of rows without a key: a full read ends at the window, too, so that none comes twice', async () => {
      const bed = bedOf();
      await bed.execute(`CREATE TABLE log_lines (at ${bed.types.time}, v ${bed.types.int})`);
      await bed.execute(
        `INSERT INTO log_lines VALUES ('2026-01-01 00:00:00', 1), (NULL, 2), ('2036-01-01 00:00:00', 3)`.replace(
          '2099',
          '2036',
        ),
      );
      const config = {
        'table.whitelist': 'log_lines',
        mode: 'timestamp',
        'timestamp.column.name': 'at',
        'validate.non.null': 'false',
      };
      const { rows } = await readAll(bed, config);
      expect(rows.map(({ values }) => values[1]).sort()).toEqual(['1', '2']);
    });

    it('refuses what can have no increments, naming the key', async () => {
      const bed = bedOf();
      await bed.execute(
        `CREATE TABLE refused (id ${bed.types.int} PRIMARY KEY, at ${bed.types.time}, v ${bed.types.text})`,
      );
      const refusal = (config: Record<string, string>) =>
        readAll(bed, { 'table.whitelist': 'refused', ...config });
      const byTime = { mode: 'timestamp', 'timestamp.column.name': 'at' };
      await expect(refusal(byTime)).rejects.toMatchObject({ code: 'BAD_INPUT', field: 'validate.non.null' });
      await expect(
        refusal({ ...byTime, 'timestamp.column.name': 'v', 'validate.non.null': 'false' }),
      ).rejects.toMatchObject({
        field: 'timestamp.column.name',
      });
      await expect(refusal({ mode: 'incrementing', 'incrementing.column.name': 'v' })).rejects.toMatchObject({
        field: 'incrementing.column.name',
      });
      await expect(
        refusal({ mode: 'incrementing', 'incrementing.column.name': 'idd' }),
      ).rejects.toMatchObject({
        message: expect.stringContaining('there is no column idd; there are id, at, v') as unknown,
      });
      await expect(refusal({ mode: 'incrementing' })).rejects.toMatchObject({
        field: 'incrementing.column.name',
      });
      await expect(
        readIncrement(
          bed,
          { 'table.whitelist': 'refused', ...byTime, 'validate.non.null': 'false' },
          '2035-01-01T00:00:00.000000Z',
        ),
      ).rejects.toMatchObject({ field: 'watermark' });
    });
  });
}
