// Whole runs from HBase's double into SQLite, with what happens between them: a proved run's target equals the source.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hbaseSource } from '../../../connectors/hbase/source-connector.ts';
import { mappingOf } from '../../support/hbase-cluster.ts';
import { openDoubleBed } from '../../support/double-bed.ts';
import type { DoubleBed } from '../../support/double-bed.ts';
import { english } from '../../support/english.ts';
import { runLocally } from '../../support/local-run.ts';
import type { LocalRun } from '../../support/local-run.ts';
import { mutationOf } from '../../support/table-changes.ts';

let bed: DoubleBed;
let tables = 0;

beforeAll(async () => {
  bed = await openDoubleBed();
});

afterAll(() => bed.close());

async function setup(policy = 'markers') {
  tables += 1;
  const table = `trusted_${tables}`;
  await bed.client.admin.createTable({ table, families: { d: {} } });
  let clock = Date.now() - 1_000_000;
  let runs = 0;
  const act = async (kind: 'put' | 'row', ...rows: string[]): Promise<void> => {
    clock += 1;
    for (const row of rows) {
      const change = kind === 'put' ? ({ kind, row, columns: ['d:a'] } as const) : ({ kind, row } as const);
      await bed.client.mutateRows(table, [mutationOf(change, clock)]);
    }
  };
  const run = async (more: Partial<LocalRun> = {}): Promise<string[]> => {
    runs += 1;
    clock += 1;
    const { doubts } = await runLocally({
      source: hbaseSource,
      sourceConfig: bed.sourceConfig(table, mappingOf(['d:a']), { 'hbase.deletes': policy }),
      sink: bed.target.plugin,
      sinkConfig: bed.target.configOf(table),
      job: table,
      taskId: `task-${runs}`,
      mode: 'incremental',
      to: clock,
      ...more,
    });
    return english(doubts);
  };
  const keys = async () => (await bed.target.readRows(table, ['id'])).map(([id]) => id);
  return { table, act, run, keys };
}

describe('rows deleted in the source while no proved run covers them', () => {
  it('go although the first run failed after it wrote them', async () => {
    const { act, run, keys } = await setup();
    await act('put', 'a', 'b', 'c');
    await run({ fails: true });
    expect(await keys()).toEqual(['a', 'b', 'c']);
    await act('row', 'b');
    expect(await run()).toEqual([]);
    expect(await keys()).toEqual(['a', 'c']);
  });

  it('go although several runs failed, full and incremental', async () => {
    const { act, run, keys } = await setup();
    await act('put', 'a', 'b');
    await run({ fails: true });
    await act('row', 'a');
    await run({ fails: true, mode: 'full' });
    await act('put', 'c');
    await run({ fails: true });
    await act('row', 'c');
    expect(await run()).toEqual([]);
    expect(await keys()).toEqual(['b']);
  });

  it('go when the identity of the job changed, but that no other row stays is not proved', async () => {
    const { act, run, keys } = await setup();
    await act('put', 'a', 'b');
    expect(await run()).toEqual([]);
    await act('row', 'b');
    const changed = { digest: 'other', mode: 'full' as const, mapping: { digest: 'm', version: 2 } };
    expect(await run(changed)).toEqual([expect.stringContaining('key mapping changed in version 2')]);
    expect(await keys()).toEqual(['a']);
  });

  it('are not followed back into a time when the job ignored them, without a word', async () => {
    const { table, act, run, keys } = await setup('ignore');
    await act('put', 'a', 'b', 'c');
    expect(await run()).toEqual([]);
    await act('row', 'b');
    expect(await run()).toEqual([]);
    expect(await keys()).toEqual(['a', 'b', 'c']);
    await act('put', 'd');
    const sourceConfig = bed.sourceConfig(table, mappingOf(['d:a']), { 'hbase.deletes': 'markers' });
    expect(await run({ sourceConfig })).toEqual([]);
    expect(await keys()).toEqual(['a', 'c', 'd']);
  });
});

describe('a target that is not as the last run left it', () => {
  it.each(['DELETE FROM', 'DROP TABLE'])(
    '%s: an increment is refused in words until a full run',
    async (how) => {
      const { table, act, run, keys } = await setup();
      await act('put', 'a', 'b', 'c');
      await run();
      await bed.target.execute(`${how} ${table}`);
      await act('put', 'd');
      for (let times = 0; times < 2; times += 1)
        await expect(run()).rejects.toMatchObject({
          code: 'TARGET_CHANGED',
          message: expect.stringMatching(/none of \d rows .* emptied, made anew or restored/) as string,
        });
      expect(await run({ mode: 'full' })).toEqual([]);
      expect(await keys()).toEqual(['a', 'b', 'c', 'd']);
      await act('put', 'e');
      expect(await run()).toEqual([]);
    },
  );

  it('lacks some rows: runs are delivered, not proved, until a full one', async () => {
    const { table, act, run } = await setup();
    for (const key of ['a', 'b', 'c', 'd']) {
      await act('put', key);
      await run();
    }
    await bed.target.execute(`DELETE FROM ${table} WHERE id IN ('b', 'c')`);
    await act('put', 'e');
    expect(await run()).toEqual([
      expect.stringMatching(/^2 of the rows that this job wrote .* somebody removed/),
    ]);
    expect(await run()).toHaveLength(1);
    expect(await run({ mode: 'full' })).toEqual([]);
  });

  it('has lost what the job itself removed: nothing to see', async () => {
    const { act, run } = await setup();
    await act('put', 'a', 'b');
    await run();
    await act('row', 'a', 'b');
    await run({ fails: true });
    await act('put', 'c');
    expect(await run()).toEqual([]);
    expect(await run()).toEqual([]);
  });

  it('has lost what a comparison of keys removed: nothing to see', async () => {
    const { act, run, keys } = await setup('reconcile');
    await act('put', 'a', 'b', 'c');
    await run();
    await act('row', 'a', 'b', 'c');
    await act('put', 'd');
    expect(await run()).toEqual([]);
    expect(await run()).toEqual([]);
    expect(await keys()).toEqual(['d']);
  });
});

it('another mapping: runs are delivered, and say since when, until a full one', async () => {
  const { act, run } = await setup();
  const [old, changed] = [
    { digest: 'a', version: 1 },
    { digest: 'b', version: 5 },
  ].map((mapping) => ({ mapping }));
  await act('put', 'a');
  expect(await run(old)).toEqual([]);
  await act('put', 'b');
  expect(await run(changed)).toEqual([
    expect.stringMatching(/^mapping changed in version 5: rows unchanged since 20/),
  ]);
  expect(await run({ ...changed, mode: 'full' })).toEqual([]);
  expect(await run(changed)).toEqual([]);
});
