// The HBase source's suite, part: what the mapping's names mean.
import { timePosition } from '../../connectors/hbase/source/positions.ts';
import { expect, it } from 'vitest';
import { hbaseSource } from '../../connectors/hbase/source/source-connector.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { SourcePlan } from '../../src/core/connector/contract.ts';
import { lagMs, run, withTask } from './hbase-bed.ts';
import type { Tools } from './hbase-bed.ts';

export function describeNames({ newTable, configOf, bed }: Tools): void {
  const planOf = (config: ConnectorConfig, previous?: SourcePlan): Promise<SourcePlan> =>
    withTask(config, (task) => task.plan({ base: null, mode: 'full', lagMs, ...(previous && { previous }) }));

  it('columns whose names are bytes are mapped as looking into the table prints them', async () => {
    const table = await newTable(['0']);
    const names = ['0:\\x00\\x00\\x00\\x00', '0:\\x80\\x0B', '0:姓名', '0:\\x2A', '0:plain'];
    await bed().put(table, [
      { key: 'r', cells: Object.fromEntries(names.map((name, index) => [name, `v${index}`])) },
    ]);
    const look = hbaseSource.openLook?.(configOf(table, []), new AbortController().signal);
    const looked = await look?.sampleColumns({ namespace: 'default', table }, 10);
    await look?.close();
    const printed = looked?.columns.map(({ column }) => column) ?? [];
    expect([...printed].sort()).toEqual([...names].sort());
    const read = await run(
      configOf(
        table,
        names.map((sourceFiled) => ({ sourceFiled })),
      ),
    );
    expect(read.rows.map(({ values }) => values)).toEqual([['v0', 'v1', 'v2', 'v3', 'v4']]);
    const increment = configOf(table, [{ sourceFiled: '0:\\x80\\x0B', targetFiled: 'n' }]);
    expect(
      (await run(increment, timePosition(Date.now() - 600_000), read.plan)).plan.notes,
    ).not.toContainEqual(expect.objectContaining({ en: expect.stringContaining('not seen') as string }));
  });

  it('a bare name means what it meant in the last run; a row that contradicts it fails the run', async () => {
    const table = await newTable(['d', 'e']);
    await bed().put(table, [{ key: 'r1', cells: { 'd:a': '1' } }]);
    const config = configOf(table, [{ sourceFiled: 'id', ispk: '1' }, { sourceFiled: 'd:a' }], {
      'pkuse.hbase.filed.columnsKey': 'id',
    });
    const first = await planOf(config);
    await expect(planOf(config, first)).resolves.toBeDefined();
    await bed().put(table, [{ key: 'r2', cells: { 'e:id': '1' } }]);
    await expect(run(config, null, first)).rejects.toMatchObject({
      code: 'MAPPING_INVALID',
      message: expect.stringContaining('reading row r2: it has a column e:id') as string,
    });
  });

  it('a job that worked goes on working when rows that come first lack its columns, or all rows do', async () => {
    const table = await newTable(['d', 'e']);
    const config = configOf(table, [{ sourceFiled: 'name', targetFiled: 'n' }, { sourceFiled: 'd:amount' }]);
    await bed().put(table, [{ key: 'm', cells: { 'd:name': 'x', 'd:amount': '1' } }]);
    const first = await planOf(config);
    const rows = Array.from({ length: 30 }, (_, index) => ({
      key: `a${index + 10}`,
      cells: { 'e:names': 'y', 'd:amounts': 'z' },
    }));
    await bed().put(table, rows);
    const second = await run(config, null, first);
    expect(second.rows.at(-1)?.values).toEqual(['x', '1']);
    await bed().deleteRow(table, 'm');
    const third = await run(config, null, second.plan);
    expect(third.rows).toHaveLength(30);
    await expect(planOf(config)).rejects.toMatchObject({ code: 'MAPPING_INVALID' });
    // Of another table, what a name meant says nothing.
    const other = await newTable(['d', 'e']);
    await bed().put(other, rows);
    const moved = { ...config, 'pkuse.hbase.table.name': other };
    await expect(planOf(moved, first)).rejects.toMatchObject({ code: 'MAPPING_INVALID' });
  });

  it('a bare name that turns up elsewhere behind the sampled rows fails the run too', async () => {
    const table = await newTable(['d', 'e']);
    const rows = Array.from({ length: 40 }, (_, index) => ({
      key: `r${index + 10}`,
      cells: { 'd:name': 'x' },
    }));
    await bed().put(table, [...rows, { key: 'z', cells: { 'e:name': 'y' } }]);
    await expect(run(configOf(table, [{ sourceFiled: 'name' }]))).rejects.toMatchObject({
      code: 'MAPPING_INVALID',
      message: expect.stringContaining('reading row z: it has a column e:name') as string,
    });
  });
}
