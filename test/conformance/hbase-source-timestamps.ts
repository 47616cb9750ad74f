// The HBase source's suite, part: cells and deletes whose timestamps no server gave them.
import { timePosition } from '../../connectors/hbase/source/positions.ts';
import { describe, expect, it } from 'vitest';
import { english } from '../support/english.ts';
import { lagMs, longAgoMs, run, withTask } from './hbase-bed.ts';
import type { BedRow, Tools } from './hbase-bed.ts';
import { RowCollector } from '../connectors/hbase/cell-rows.ts';

export function describeOwnTimestamps({ newTable, configOf, bed }: Tools): void {
  const entries = [{ sourceFiled: 'rowkey()', targetFiled: 'id', ispk: '1' }, { sourceFiled: 'd:a' }];
  const at = (key: string, timestamp: number): BedRow => ({ key, cells: { 'd:a': key }, timestamp });

  describe('timestamps of the writer’s own', () => {
    it('a table without them is not in doubt', async () => {
      const table = await newTable(['d'], [Buffer.from('m')]);
      const base = Date.now() - longAgoMs;
      await bed().put(table, [at('a', base), at('z', base), { key: 'now', cells: { 'd:a': '1' } }]);
      expect((await run(configOf(table, entries))).plan.doubts).toEqual([]);
      expect((await run(configOf(table, entries), timePosition(base))).plan.doubts).toEqual([]);
    });

    it('increments of a table that has them are in doubt, which names how many and one of each kind', async () => {
      const table = await newTable(['d'], [Buffer.from('m')]);
      const now = Date.now();
      const base = now - longAgoMs;
      const micros = now * 1000;
      await bed().put(table, [
        at('plain', base),
        at('hour_ahead', now + 3_600_000),
        at('micros', micros),
        at('secs', Math.floor(now / 1000)),
      ]);
      const config = configOf(table, entries);
      const { rows, plan } = await run(config, timePosition(base));
      // What lies ahead is read in every window until it lies behind: none is passed over for ever.
      expect(rows.map(({ key }) => key)).toEqual(['hour_ahead', 'micros', 'plain']);
      expect((await run(config, plan.window.to)).rows.map(({ key }) => key)).toEqual([
        'hour_ahead',
        'micros',
      ]);
      // Which of the two rows ahead is met first is the servers' affair.
      const named = expect.stringMatching(
        /^cells with timestamps that no server gave them: 2 rows ahead of the servers’ clocks \(such as (hour_ahead|micros), d:a, \d+\); 1 row before 2008 \(such as secs, d:a, \d{10}\)\. .*run the job with mode full from time to time$/,
      ) as string;
      expect(english(plan.doubts)).toEqual([named]);
      const full = await run(config);
      expect(full.rows).toHaveLength(4);
      expect(full.plan.doubts).toEqual([]);
      expect(english(full.plan.notes)).toContainEqual(named);
    });

    it('increments by a column are in doubt, too: nothing tells when such cells were written', async () => {
      const table = await newTable(['d']);
      await bed().put(table, [{ key: 'r', cells: { 'd:a': 'r', 'd:n': '5' }, timestamp: 7 }]);
      const config = configOf(table, [...entries, { sourceFiled: 'd:n', fieldType: 'bigint' }], {
        'pkuse.incrementreadfields': 'd:n',
      });
      expect((await run(config, '1')).plan.doubts).toHaveLength(1);
    });

    it('every report of an increment says what it rests on', async () => {
      const table = await newTable(['d']);
      const { plan } = await run(configOf(table, entries), timePosition(Date.now() - longAgoMs));
      expect(english(plan.notes)).toContainEqual(expect.stringContaining('region servers’ write times'));
    });

    it('a full run that follows markers tells every row that is gone, whatever the marker’s time', async () => {
      const table = await newTable(['d'], [Buffer.from('m')]);
      const now = Date.now();
      const old = now - 2 * longAgoMs;
      await bed().put(table, [at('here', old), at('gone', old), at('went', now - 10_000), at('again', old)]);
      await bed().deleteRow(table, 'gone', old);
      await bed().deleteRow(table, 'went');
      await bed().deleteRow(table, 'again', old - 5);
      const config = configOf(table, entries, { 'hbase.deletes': 'markers' });
      for (const base of [null, now - longAgoMs])
        await withTask(config, async (task) => {
          const plan = await task.plan({
            base: base === null ? null : timePosition(base),
            mode: 'full',
            lagMs,
          });
          const out = new RowCollector();
          for (const split of plan.splits)
            await task.readSplit({ plan, split, out, signal: new AbortController().signal });
          expect(out.rows.map(({ key }) => key)).toEqual(['again', 'here']);
          expect(out.deletedKeys).toEqual(['gone', 'went']);
        });
    });

    it('an increment whose position is beyond the source’s clock is refused, not read as empty', async () => {
      const table = await newTable(['d']);
      const base = Date.now() + 3_600_000;
      await expect(run(configOf(table, entries), timePosition(base))).rejects.toMatchObject({
        code: 'BAD_INPUT',
        message: expect.stringContaining("lies beyond the source's clock") as string,
      });
    });
  });
}
