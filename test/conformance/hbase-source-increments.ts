// The HBase source's suite, part: increments by cell timestamp.
import { timeOf, timePosition } from '../../connectors/hbase/source/positions.ts';
import { expect, it } from 'vitest';
import { keysIn, lagMs, longAgoMs, run, withTask } from './hbase-bed.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { BedRow, Tools } from './hbase-bed.ts';
import { english } from '../support/english.ts';

export function describeIncrements({ newTable, configOf, bed }: Tools): void {
  const entries = [{ sourceFiled: 'd:a' }, { sourceFiled: 'd:b' }];

  it('reads changed rows whole: NULL is never written over a column that did not change', async () => {
    const table = await newTable(['d'], [Buffer.from('r5')]);
    const base = Date.now() - longAgoMs;
    const old = Array.from({ length: 9 }, (_, index) => ({
      key: `r${index}`,
      cells: { 'd:a': 'old', 'd:b': `b${index}` },
      timestamp: base - 1,
    }));
    await bed().put(table, old);
    const config = configOf(table, entries);
    expect((await run(config)).rows).toHaveLength(9);
    await bed().put(table, [
      { key: 'r2', cells: { 'd:a': 'new' }, timestamp: base + 5 },
      { key: 'r7', cells: { 'd:a': 'new' }, timestamp: base + 5 },
      { key: 'r9', cells: { 'd:b': 'b9' }, timestamp: base + 6 },
    ]);
    const second = await run(config, timePosition(base));
    expect(second.rows.map(({ key, values }) => [key, ...values])).toEqual([
      ['r2', 'new', 'b2'],
      ['r7', 'new', 'b7'],
      ['r9', null, 'b9'],
    ]);
    expect(second.plan.window.from).toBe(timePosition(base));
    expect(second.plan.predicted).toEqual({ rows: null, exact: false });
    expect((await run(config, second.plan.window.to)).rows).toEqual([]);
  });

  it('a window is closed at its start and open at its end, and the next one begins there', async () => {
    const table = await newTable(['d']);
    const base = Date.now() - longAgoMs;
    const at = (key: string, timestamp: number): BedRow => ({ key, cells: { 'd:a': '1' }, timestamp });
    await bed().put(table, [at('before', base - 1), at('first', base)]);
    const config = configOf(table, entries);
    await withTask(config, async (task) => {
      const plan = await task.plan({ base: timePosition(base), mode: 'incremental', lagMs });
      const to = timeOf(plan.window.to ?? '');
      expect(to).toBeGreaterThan(base);
      expect(to).toBeLessThanOrEqual(Date.now() - lagMs);
      await bed().put(table, [at('last', to - 1), at('next', to)]);
      expect(await keysIn(task, plan)).toEqual(['first', 'last']);
      expect(
        await keysIn(task, { ...plan, window: { from: timePosition(to), to: timePosition(to + 1) } }),
      ).toEqual(['next']);
    });
  });

  it('whole rows are read without an upper bound', async () => {
    const table = await newTable(['d']);
    const base = Date.now() - longAgoMs;
    await bed().put(table, [{ key: 'r', cells: { 'd:a': 'old', 'd:b': '1' }, timestamp: base }]);
    await bed().put(table, [{ key: 'r', cells: { 'd:b': 'newer than the window' } }]);
    expect(
      (await run(configOf(table, entries), timePosition(base))).rows.map(({ values }) => values),
    ).toEqual([['old', 'newer than the window']]);
  });

  it('a row that was deleted is not written', async () => {
    const table = await newTable(['d']);
    const base = Date.now() - longAgoMs;
    await bed().put(
      table,
      ['gone', 'here'].map((key) => ({ key, cells: { 'd:a': '1' }, timestamp: base })),
    );
    await bed().deleteRow(table, 'gone');
    const { rows } = await run(configOf(table, entries), timePosition(base));
    expect(rows.map(({ key }) => key)).toEqual(['here']);
  });

  it('of rows much wider than the mapping, changes are read whole too', async () => {
    const table = await newTable(['d']);
    const base = Date.now() - longAgoMs;
    const wide = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`d:w${index}`, 'wide']));
    await bed().put(table, [
      { key: 'r1', cells: { ...wide, 'd:a': 'a1', 'd:b': 'b1' }, timestamp: base - 1 },
      { key: 'r2', cells: { ...wide, 'd:a': 'a2' }, timestamp: base - 1 },
      { key: 'r3', cells: wide, timestamp: base },
    ]);
    await bed().put(table, [
      { key: 'r1', cells: { 'd:w7': 'new' }, timestamp: base + 1 },
      { key: 'r2', cells: { 'd:b': 'b2' }, timestamp: base + 1 },
    ]);
    const { rows, out, plan } = await run(configOf(table, entries), timePosition(base));
    expect(english(plan.notes)).toContain(
      'rows are much wider than the mapping: only mapped columns are sent',
    );
    expect(rows.map(({ values }) => values)).toEqual([
      ['a1', 'b1'],
      ['a2', 'b2'],
      [null, null],
    ]);
    expect(out.filteredRows).toEqual([]);
  });

  it('reads thousands of changed rows in key order', async () => {
    const table = await newTable(['d']);
    const base = Date.now() - longAgoMs;
    const keys = Array.from({ length: 2_345 }, (_, index) => `r${String(index).padStart(5, '0')}`);
    await bed().put(
      table,
      keys.map((key) => ({ key, cells: { 'd:a': key, 'd:z': 'zz' }, timestamp: base })),
    );
    const { out } = await run(configOf(table, entries), timePosition(base));
    expect(out.rows.map(({ key }) => key)).toEqual(keys);
    expect(out.drains).toBeGreaterThanOrEqual(5);
  });

  it('with a short lag the window reaches close to now, and holds what was just written', async () => {
    const table = await newTable(['d']);
    const base = Date.now() - longAgoMs;
    await bed().put(table, [{ key: 'r', cells: { 'd:a': '1' } }]);
    await withTask(configOf(table, entries), async (task) => {
      let plan = await task.plan({ base: timePosition(base), mode: 'incremental', lagMs: 100 });
      expect(Date.now() - timeOf(plan.window.to ?? '')).toBeLessThan(2_000);
      await waitUntil('a window that reaches past the write', async () => {
        plan = await task.plan({ base: timePosition(base), mode: 'incremental', lagMs: 100 });
        return (await keysIn(task, plan)).length > 0;
      });
      expect(await keysIn(task, plan)).toEqual(['r']);
    });
  });
}
