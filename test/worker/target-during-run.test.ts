// What others do to the target's table while runs go: a proved run's target equals the source.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDoubleBed } from '../support/double-bed.ts';
import type { DoubleBed } from '../support/double-bed.ts';
import { openRepeatedRuns } from '../support/repeated-runs.ts';

let bed: DoubleBed;

beforeAll(async () => {
  bed = await openDoubleBed();
});

afterAll(() => bed.close());

it('a table put in its place is in doubt from this run on', async () => {
  const { table, act, run } = await openRepeatedRuns(bed);
  await act('put', 'a', 'b', 'c');
  await run();
  await act('put', 'd', 'e');
  let done = false;
  const beforeUnit = async (rows: number): Promise<void> => {
    if (done || rows === 0) return;
    done = true;
    await bed.target.execute(`ALTER TABLE ${table} RENAME TO old_${table}`);
    const [[sql]] = (await bed.target.readRows('sqlite_master', ['sql', 'name'])).filter(
      ([, name]) => name === `old_${table}`,
    ) as [[string]];
    await bed.target.execute(sql.replaceAll(`old_${table}`, table));
    await bed.target.execute(`INSERT INTO ${table} SELECT * FROM old_${table}`);
  };
  expect(await run({ unitRows: 1, beforeUnit })).toEqual([
    expect.stringMatching(/^the target table was, or may have been, altered or made anew/),
  ]);
  expect(await run({ mode: 'full' })).toEqual([]);
});

it('what a trigger may have changed stays in doubt when it is gone, until a full run', async () => {
  const { table, act, run } = await openRepeatedRuns(bed);
  await act('put', 'a', 'b');
  await run();
  await bed.target.execute(
    `CREATE TRIGGER odd_${table} AFTER UPDATE ON ${table} BEGIN UPDATE ${table} SET a = 'x' WHERE id = NEW.id; END`,
  );
  await act('put', 'a');
  expect(await run()).not.toEqual([]);
  await bed.target.execute(`DROP TRIGGER odd_${table}`);
  await act('put', 'c');
  expect(await run()).toContainEqual(expect.stringMatching(/until a full one: .*odd_/));
  expect(await run({ mode: 'full' })).toEqual([]);
});

it.each(['full', 'incremental'] as const)(
  'what a trigger may have changed in a run that fails (%s) stays in doubt when it is gone, until a full run',
  async (mode) => {
    const { table, act, run } = await openRepeatedRuns(bed);
    await act('put', 'a', 'b');
    await run();
    await bed.target.execute(
      `CREATE TRIGGER odd_${table} AFTER UPDATE ON ${table} BEGIN UPDATE ${table} SET a = 'x' WHERE id = NEW.id; END`,
    );
    await act('put', 'a');
    await run({ mode, fails: true });
    await bed.target.execute(`DROP TRIGGER odd_${table}`);
    expect(await run()).toContainEqual(expect.stringMatching(/until a full one: .*odd_/));
    expect(await run({ mode: 'full' })).toEqual([]);
  },
);

it('what a run that failed before it wrote a row had in doubt is none', async () => {
  const { table, act, run } = await openRepeatedRuns(bed);
  await act('put', 'a');
  await run();
  await bed.target.execute(`CREATE TRIGGER odd_${table} AFTER UPDATE ON ${table} BEGIN SELECT 1; END`);
  await run({ fails: true });
  await bed.target.execute(`DROP TRIGGER odd_${table}`);
  await act('put', 'b');
  expect(await run()).not.toContainEqual(expect.stringMatching(/odd_/));
});
