// The HBase source's suite: runs over a real HBase and over the double, which must not be told apart by it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourcePlan } from '../../src/core/connector/contract.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { hbaseSource } from '../../connectors/hbase/source/source-connector.ts';
import { RowCollector } from '../connectors/hbase/cell-rows.ts';
import { lagMs, run, withTask } from './hbase-bed.ts';
import type { Entry, HbaseBed, Tools } from './hbase-bed.ts';
import { describeColumnIncrements } from './hbase-source-columns.ts';
import { describeIncrements } from './hbase-source-increments.ts';
import { describeNames } from './hbase-source-names.ts';
import { describePseudoFields } from './hbase-source-pseudo.ts';
import { describeRowRanges } from './hbase-source-ranges.ts';
import { describeOwnTimestamps } from './hbase-source-timestamps.ts';
import { describeSplits } from './hbase-source-splits.ts';
import { english } from '../support/english.ts';

let tables = 0;

export function describeHbaseSource(name: string, openBed: () => Promise<HbaseBed>): void {
  describe(`the HBase source over ${name}`, () => {
    let bed: HbaseBed;
    beforeAll(async () => {
      bed = await openBed();
    });
    afterAll(() => bed.close());

    const newTable = async (
      families: readonly string[],
      splitKeys: readonly Uint8Array[] = [],
    ): Promise<string> => {
      tables += 1;
      const table = `source_${process.pid}_${Date.now().toString(36)}_${tables}`;
      await bed.createTable(table, families, splitKeys);
      return table;
    };

    const configOf = (
      table: string,
      entries: readonly Entry[],
      more: ConnectorConfig = {},
    ): ConnectorConfig => ({
      ...bed.place,
      'connector.class': 'HBaseSource',
      'pkuse.hbase.table.name': table,
      'pkuse.hbase.filed.mapping': JSON.stringify(
        entries.map((entry) => ({ targetFiled: entry['sourceFiled'] ?? '', fieldType: 'string', ...entry })),
      ),
      ...more,
    });

    describeFullReads({ newTable, configOf, bed: () => bed });
    describeColumnIncrements({ newTable, configOf, bed: () => bed });
    describeIncrements({ newTable, configOf, bed: () => bed });
    describeNames({ newTable, configOf, bed: () => bed });
    describeOwnTimestamps({ newTable, configOf, bed: () => bed });
    describePseudoFields({ newTable, configOf, bed: () => bed });
    describeSplits({ newTable, configOf, bed: () => bed });
    describeRowRanges({ newTable, configOf, bed: () => bed });
    describeRefusals({ newTable, configOf, bed: () => bed });
  });
}

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

function describeFullReads({ newTable, configOf, bed }: Tools): void {
  it('reads every row of a table with one-byte salts, binary keys and empty regions', async () => {
    const salts = ['01', '02', '40', '7f', '80', 'fe', 'ff'];
    const table = await newTable(['d'], salts.map(hex));
    const keys: Buffer[] = [];
    for (const salt of ['00', '01', '02', '7f', '80', 'ff'])
      for (const rest of ['', '00', '61', 'ff', 'ffff', '0061ff00']) keys.push(hex(salt + rest));
    await bed().put(
      table,
      keys.map((key) => ({ key, cells: { 'd:v': key.toString('hex') } })),
    );
    const { rows, plan } = await run(configOf(table, [{ sourceFiled: 'd:v' }]));
    expect(plan.splits).toHaveLength(8);
    expect(rows.map(({ values }) => values[0])).toEqual(keys.map((key) => key.toString('hex')).sort());
    expect(rows.every(({ key, values }) => Buffer.from(key, 'latin1').toString('hex') === values[0])).toBe(
      true,
    );
  });

  it('reads rows of 1,000 columns, and rows that hold none of the mapped ones', async () => {
    const table = await newTable(['d', 'e']);
    const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`d:c${index}`, `v${index}`]));
    await bed().put(table, [
      { key: 'r1', cells: wide },
      { key: 'r2', cells: { 'd:other': 'x' } },
      { key: 'r3', cells: { 'e:far': 'x' } },
      { key: 'r4', cells: { 'd:c7': '' } },
    ]);
    const { rows, out, plan } = await run(
      configOf(
        table,
        [{ sourceFiled: 'd:c999' }, { sourceFiled: 'id', ispk: '1' }, { sourceFiled: 'd:c7' }],
        { 'pkuse.hbase.filed.columnsKey': 'id' },
      ),
    );
    expect(rows.map(({ values }) => values)).toEqual([
      ['v999', 'r1', 'v7'],
      [null, 'r2', null],
      [null, 'r3', null],
      [null, 'r4', ''],
    ]);
    expect(out.remarks).toHaveLength(2);
    expect(english(plan.notes)).toContain(
      'rows are much wider than the mapping: only mapped columns are sent',
    );
  });

  it('reads typed cells exactly and keeps count of rows that do not fit', async () => {
    const table = await newTable(['d']);
    const cells = {
      'd:big': hex('0020000000000001'),
      'd:price': hex('4033fd70a3d70a3d'),
      'd:name': '北京\t一',
      'd:at': '2026-01-01 00:00:00',
    };
    await bed().put(table, [
      { key: 'a', cells },
      { key: 'b', cells: { ...cells, 'd:big': hex('00000001') } },
      { key: 'c', cells: { ...cells, 'd:at': 'never' } },
    ]);
    const config = configOf(table, [
      { sourceFiled: 'd:big', fieldType: 'bigint', encoding: 'int64' },
      { sourceFiled: 'd:price', fieldType: 'double', encoding: 'double' },
      { sourceFiled: 'd:name' },
      { sourceFiled: 'd:at', fieldType: 'datetime(0)' },
    ]);
    const { rows, out } = await run(config);
    expect(rows.map(({ values }) => values)).toEqual([
      ['9007199254740993', '19.99', '北京\t一', '2026-01-01 00:00:00'],
    ]);
    expect(out.dirtyRows.map(({ key, field, bytesHex }) => [key, field, bytesHex])).toEqual([
      ['b', 'd:big (from d:big)', '00000001'],
      ['c', 'd:at (from d:at)', '6e65766572'],
    ]);
  });

  it('resolves bare names, and reads two regions whole', async () => {
    const table = await newTable(['d'], [Buffer.from('k5')]);
    const rows = Array.from({ length: 3000 }, (_, index) => ({
      key: `k${String(index).padStart(4, '0').split('').reverse().join('')}`,
      cells: { 'd:name': `n${index}`, 'd:pad': 'x'.repeat(1000) },
    }));
    await bed().put(table, rows);
    const config = configOf(table, [{ sourceFiled: 'id', ispk: '1' }, { sourceFiled: 'name' }], {
      'pkuse.hbase.filed.columnsKey': 'id',
    });
    const { rows: found, plan } = await run(config);
    expect(found.map(({ values }) => values)).toEqual(
      rows
        .map(({ key, cells }) => [key, cells['d:name']])
        .sort(([left = ''], [right = '']) => (left < right ? -1 : 1)),
    );
    expect(plan.window).toMatchObject({ from: null });
    expect(plan.predicted).toEqual({ rows: 3000, exact: true });
    expect(english(plan.notes).filter((note) => note.startsWith('deletes'))).toEqual([
      'deletes not followed: rows deleted in the source stay in the target',
    ]);
    expect(english(plan.notes)).toContain('id is the row key');
  });

  it('reads one large region in several ranges', async () => {
    const table = await newTable(['d']);
    const rows = Array.from({ length: 45_000 }, (_, index) => ({
      key: `user${String(index * 7).padStart(6, '0')}`,
      cells: { 'd:v': `${index} of a table with a single region` },
    }));
    await bed().put(table, rows);
    const { rows: found, plan } = await run(configOf(table, [{ sourceFiled: 'd:v' }]));
    expect(plan.splits.length).toBeGreaterThan(1);
    expect(found.map(({ key }) => key)).toEqual(rows.map(({ key }) => key));
  });

  it('reads rows larger than a response', async () => {
    const table = await newTable(['d']);
    const big = 'y'.repeat(1_500_000);
    await bed().put(table, [{ key: 'r1', cells: { 'd:a': big } }]);
    await bed().put(table, [{ key: 'r1', cells: { 'd:b': big, 'd:c': big } }]);
    await bed().put(table, [
      { key: 'r1', cells: { 'd:d': big } },
      { key: 'r2', cells: { 'd:a': 'small' } },
    ]);
    const { rows } = await run(
      configOf(
        table,
        ['a', 'b', 'c', 'd'].map((name) => ({ sourceFiled: `d:${name}` })),
      ),
    );
    expect(rows.map(({ values }) => values.map((value) => value?.length ?? null))).toEqual([
      [1_500_000, 1_500_000, 1_500_000, 1_500_000],
      [5, null, null, null],
    ]);
  });

  it('an empty table gives no rows, and its bare names are not guessed for rows that come later', async () => {
    const table = await newTable(['d']);
    const config = configOf(table, [{ sourceFiled: 'name' }]);
    expect((await run(config)).rows).toEqual([]);
    await withTask(config, async (task) => {
      const plan = await task.plan({ base: null, mode: 'full', lagMs });
      await bed().put(table, [{ key: 'r1', cells: { 'd:name': 'x' } }]);
      const read = {
        plan,
        split: plan.splits[0] ?? '',
        out: new RowCollector(),
        signal: new AbortController().signal,
      };
      await expect(task.readSplit(read)).rejects.toMatchObject({ code: 'MAPPING_INVALID', retriable: true });
    });
  });
}

function describeRefusals({ newTable, configOf, bed }: Tools): void {
  const planOf = (config: ConnectorConfig, previous?: SourcePlan): Promise<SourcePlan> =>
    withTask(config, (task) => task.plan({ base: null, mode: 'full', lagMs, ...(previous && { previous }) }));

  it('a table that does not exist fails the plan at once', async () => {
    await expect(planOf(configOf('no_such_table', [{ sourceFiled: 'd:a' }]))).rejects.toMatchObject({
      code: 'SOURCE_SCHEMA',
      message: expect.stringContaining('there is no such table') as string,
    });
  });

  it('a mapping that names nothing of the table is refused, naming what there is', async () => {
    const table = await newTable(['d', 'e']);
    await bed().put(table, [{ key: 'r', cells: { 'd:a': '1', 'd:both': '1', 'e:both': '1' } }]);
    const refusal = async (entry: Entry): Promise<string> => {
      const error: unknown = await planOf(configOf(table, [entry])).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'MAPPING_INVALID', field: 'pkuse.hbase.filed.mapping' });
      return error instanceof Error ? error.message : '';
    };
    expect(await refusal({ sourceFiled: 'x:a' })).toContain("no family 'x'; the table has d, e");
    expect(await refusal({ sourceFiled: 'd:nope' })).toContain(
      'none of the mapped columns is in 1 sampled rows; they have d:a, d:both, e:both',
    );
    expect(await refusal({ sourceFiled: 'both', targetFiled: 'b' })).toContain(
      'found in 2 families: write d:both or e:both',
    );
    expect(await refusal({ sourceFiled: 'nope', targetFiled: 'b' })).toContain('write family:nope');
  });

  it('a mistyped column beside right ones is refused, naming the one that was meant', async () => {
    const table = await newTable(['d', 'e'], [Buffer.from('m')]);
    await bed().put(table, [
      { key: 'a', cells: { 'd:amount': '1', 'd:name': 'x', 'e:city': 'y' } },
      { key: 'z', cells: { 'd:amount': '1', 'd:name': 'x', 'e:city': 'y' } },
    ]);
    for (const [wrong, meant] of [
      ['d:amuont', 'd:amount'],
      ['d:Amount', 'd:amount'],
      ['d:city', 'e:city'],
    ]) {
      const config = configOf(table, [{ sourceFiled: 'd:name' }, { sourceFiled: wrong ?? '' }]);
      const problem = `entry 2, sourceFiled '${wrong}': no row of the table has this column; did you mean ${meant}?`;
      await expect(planOf(config)).rejects.toMatchObject({
        code: 'MAPPING_INVALID',
        field: 'pkuse.hbase.filed.mapping',
        message: expect.stringContaining(problem) as string,
      });
      const steps = await hbaseSource.testConnection(config, new AbortController().signal);
      const resolved = steps.find(({ name }) => name === 'resolve columns');
      expect(resolved).toMatchObject({ ok: false });
      expect(resolved?.detail).toContain(problem);
    }
  });

  it('a sparse column is read and said, even if it is called almost like another', async () => {
    const table = await newTable(['d']);
    const rows = Array.from({ length: 40 }, (_, index) => ({
      key: `r${index + 10}`,
      cells: { 'd:name': 'x', 'd:amount': '1', 'd:c1': '1' },
    }));
    await bed().put(table, [...rows, { key: 'z', cells: { 'd:amounts': 'y' } }]);
    const read = await run(
      configOf(table, [
        { sourceFiled: 'd:name' },
        { sourceFiled: 'd:amounts' },
        { sourceFiled: 'd:remark' },
        { sourceFiled: 'd:c2' },
      ]),
    );
    expect(read.rows.at(-1)?.values).toEqual([null, 'y', null, null]);
    expect(english(read.plan.notes)).toContainEqual(
      expect.stringContaining('not seen in 20 sampled rows: d:amounts, d:remark, d:c2'),
    );
    expect(read.closing).toEqual(['in none of the 41 rows read: d:remark, d:c2']);
  });

  it('a column that one split has is not said to be absent', async () => {
    const table = await newTable(['d'], [Buffer.from('m')]);
    const rows = Array.from({ length: 40 }, (_, index) => ({
      key: `r${index + 10}`,
      cells: { 'd:name': 'x' },
    }));
    await bed().put(table, [
      ...rows,
      { key: 'z', cells: { 'd:remark': 'y' } },
      { key: 'a', cells: { 'd:name': 'x' } },
    ]);
    const read = await run(configOf(table, [{ sourceFiled: 'd:name' }, { sourceFiled: 'd:remark' }]));
    expect(read.plan.splits.length).toBeGreaterThan(1);
    expect(english(read.plan.notes)).toContainEqual(expect.stringContaining('sampled rows: d:remark'));
    expect(read.closing).toEqual([]);
  });

  it('the connection test goes through all steps, or stops at the one that fails', async () => {
    const table = await newTable(['d']);
    await bed().put(table, [{ key: 'r', cells: { 'd:a': '1' } }]);
    const signal = new AbortController().signal;
    const good = await hbaseSource.testConnection(configOf(table, [{ sourceFiled: 'd:a' }]), signal);
    expect(good.map(({ ok }) => ok)).toEqual(Array(6).fill(true));
    expect(good[4]?.detail).toBe('1 row sampled; d:a from d:a');
    const bad = await hbaseSource.testConnection(configOf('no_such_table', [{ sourceFiled: 'd:a' }]), signal);
    expect(bad.map(({ name: step, ok }) => [step, ok])).toEqual([
      ['resolve addresses', true],
      ['find master and region servers', true],
      ['find the table', false],
    ]);
    expect(bad.at(-1)?.detail).toContain('there is no such table');
  });

  it('stops at once when it is told to', async () => {
    const table = await newTable(['d']);
    await bed().put(table, [{ key: 'r', cells: { 'd:a': '1' } }]);
    await withTask(configOf(table, [{ sourceFiled: 'd:a' }]), async (task) => {
      const plan = await task.plan({ base: null, mode: 'full', lagMs });
      const stop = AbortSignal.abort(new Error('enough'));
      const read = { plan, split: plan.splits[0] ?? '', out: new RowCollector(), signal: stop };
      await expect(task.readSplit(read)).rejects.toThrow('enough');
    });
  });
}
