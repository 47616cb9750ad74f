// The HBase source's suite, part: increments by a column's value.
import { expect, it } from 'vitest';
import { lagMs, longAgoMs, run, withTask } from './hbase-bed.ts';
import type { Tools } from './hbase-bed.ts';
import { english } from '../support/english.ts';

export function describeColumnIncrements({ newTable, configOf, bed }: Tools): void {
  const entries = (entry: Record<string, string>) => [
    { sourceFiled: 'd:seq', fieldType: 'bigint', ...entry },
    { sourceFiled: 'd:name' },
  ];
  const by = { 'pkuse.incrementreadfields': 'seq' };
  const long = (value: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(BigInt(value));
    return bytes;
  };

  it('by a column: a full read ends at the greatest settled value, the next run reads from there on', async () => {
    const table = await newTable(['d', 'e'], [Buffer.from('r5')]);
    const timestamp = Date.now() - longAgoMs;
    const row = (key: string, seq: string) => ({ key, cells: { 'd:seq': seq, 'd:name': key }, timestamp });
    await bed().put(table, [row('r1', '7'), row('r2', '12'), row('r7', '100')]);
    // Fresh: of a smaller value another may be on its way.
    await bed().put(table, [{ key: 'r8', cells: { 'd:seq': '150', 'd:name': 'r8' } }]);
    const config = configOf(table, entries({}), by);
    const first = await run(config);
    expect(first.rows).toHaveLength(4);
    expect(first.plan.window).toEqual({ from: null, to: '100' });
    await bed().put(table, [
      row('r3', '99'),
      row('r4', '101'),
      row('r9', '+0101'),
      row('rx', 'many'),
      { key: 'ry', cells: { 'd:name': 'without', 'e:x': '1' }, timestamp },
    ]);
    const second = await run(config, first.plan.window.to);
    expect(second.rows.map(({ key, values }) => [key, ...values])).toEqual([
      ['r4', '101', 'r4'],
      ['r7', '100', 'r7'],
      ['r8', '150', 'r8'],
      ['r9', '101', 'r9'],
    ]);
    expect(second.out.dirtyRows.map(({ key }) => key)).toEqual(['rx']);
    expect(second.out.filteredRows).toEqual([]);
    expect(second.plan.window).toEqual({ from: '100', to: '101' });
    expect(english(second.plan.notes).join('\n')).toContain('filtered on the servers');
  });

  it('by a column of binary numbers, of rows much wider than the mapping', async () => {
    const table = await newTable(['d']);
    const timestamp = Date.now() - longAgoMs;
    const wide = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`d:w${index}`, 'wide']));
    const numbers = [-5, 1, 255, 256, 257, 70_000];
    await bed().put(
      table,
      numbers.map((n) => ({
        key: `r${n}`,
        cells: { ...wide, 'd:seq': long(n), 'd:name': `n${n}` },
        timestamp,
      })),
    );
    const { rows, plan } = await run(configOf(table, entries({ encoding: 'int64' }), by), '256');
    expect(english(plan.notes)).toContain(
      'rows are much wider than the mapping: only mapped columns are sent',
    );
    expect(rows.map(({ values }) => values[1])).toEqual(['n256', 'n257', 'n70000']);
  });

  it('by a column of times with a pattern of their own, compared on our side', async () => {
    const table = await newTable(['d']);
    const timestamp = Date.now() - longAgoMs;
    const row = (key: string, at: string) => ({ key, cells: { 'd:seq': at, 'd:name': key }, timestamp });
    await bed().put(table, [row('a', '31.01.2026'), row('b', '01.02.2026'), row('c', '02.02.2026')]);
    const entry = { fieldType: 'date', maprule: "date('dd.MM.yyyy')" };
    const { rows, out, plan } = await run(configOf(table, entries(entry), by), '2026-02-01');
    expect(rows.map(({ values }) => values[0])).toEqual(['2026-02-01', '2026-02-02']);
    expect(out.filteredRows).toHaveLength(1);
    expect(plan.window.to).toBe('2026-02-02');
    expect(english(plan.notes).join('\n')).toContain('compared here');
  });

  it('by a column that is the row key, or whose values are beyond exact positions, is refused', async () => {
    const table = await newTable(['d']);
    await bed().put(table, [
      { key: '1', cells: { 'd:seq': '9007199254740993' }, timestamp: Date.now() - longAgoMs },
    ]);
    const plan = (config: Readonly<Record<string, string>>) =>
      withTask(config, (task) => task.plan({ base: null, mode: 'full', lagMs }));
    await expect(plan(configOf(table, entries({}), by))).rejects.toMatchObject({ code: 'MAPPING_INVALID' });
    const keyed = [{ sourceFiled: 'id', fieldType: 'bigint', ispk: '1' }, { sourceFiled: 'd:seq' }];
    const config = configOf(table, keyed, {
      'pkuse.hbase.filed.columnsKey': 'id',
      'pkuse.incrementreadfields': 'id',
    });
    await expect(plan(config)).rejects.toThrow('row key');
  });
}
