// Whole runs from HBase's double into SQLite, with what happens between them: a proved run's target equals the source.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mappingOf } from '../support/hbase-cluster.ts';
import { openDoubleBed } from '../support/double-bed.ts';
import { openRepeatedRuns } from '../support/repeated-runs.ts';
import type { DoubleBed } from '../support/double-bed.ts';

let bed: DoubleBed;

beforeAll(async () => {
  bed = await openDoubleBed();
});

afterAll(() => bed.close());

const setup = (policy?: string) => openRepeatedRuns(bed, policy);

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
    expect(await run(changed)).toEqual([expect.stringContaining('a run of version 2 had another')]);
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

  it('had rows before the first run: it is proved only when keys are compared', async () => {
    const [other, { table, act, run, keys }] = [await setup(), await setup()];
    const sinkConfig = bed.target.configOf(table);
    await Promise.all([other.act('put', 'b'), act('put', 'a', 'c')]);
    await other.run({ sinkConfig });
    const ledger = await bed.target.plugin.openLedger(sinkConfig);
    await ledger.remove(other.table).finally(() => ledger.close());
    expect(await run()).toEqual([expect.stringContaining('before the first run of this job')]);
    const sourceConfig = bed.sourceConfig(table, mappingOf(['d:a']), { 'hbase.deletes': 'reconcile' });
    expect(await run({ sourceConfig, removalLimit: 100 })).toEqual([]);
    expect(await keys()).toEqual(['a', 'c']);
  });

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

  describe('emptied in the middle of a run', () => {
    const emptyAfter = (table: string, rows: number) => ({
      unitRows: 1,
      beforeUnit: async (written: number) => {
        if (written === rows) await bed.target.execute(`DELETE FROM ${table}`);
      },
    });

    it.each(['full', 'incremental'] as const)('is never proved (%s)', async (mode) => {
      const { table, act, run, keys } = await setup();
      await act('put', 'a', 'b', 'c');
      await run();
      await act('put', 'd', 'e', 'f');
      const doubts = await run({ mode, ...emptyAfter(table, 2) });
      expect(doubts).toContainEqual(expect.stringMatching(/not in the target any more/));
      await act('put', 'g');
      expect(await run()).toContainEqual(expect.stringMatching(/not in the target any more/));
      expect(await run({ mode: 'full' })).toEqual([]);
      expect(await keys()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    });

    it('fails the run when nothing of it is left', async () => {
      const { table, act, run } = await setup();
      await act('put', 'a', 'b');
      await expect(run(emptyAfter(table, 2))).rejects.toMatchObject({
        code: 'TARGET_CHANGED',
        message: expect.stringMatching(/emptied.* during the run/) as string,
      });
    });
  });

  it('was dropped and made anew with most of its rows: no increment is proved until a full run', async () => {
    const { table, act, run, keys } = await setup();
    const all = Array.from({ length: 40 }, (_, at) => `k${String(at).padStart(2, '0')}`);
    await act('put', ...all);
    expect(await run()).toEqual([]);
    await bed.target.execute(`CREATE TABLE ${table}_copy AS SELECT * FROM ${table} WHERE id <> 'k10'`);
    await bed.target.execute(`DROP TABLE ${table}`);
    await bed.target.execute(`CREATE TABLE ${table} (id TEXT NOT NULL PRIMARY KEY, a TEXT) STRICT`);
    await bed.target.execute(`INSERT INTO ${table} SELECT * FROM ${table}_copy`);
    await act('put', 'z');
    const altered = [expect.stringMatching(/altered or made anew/)];
    expect(await run()).toEqual(altered);
    expect(await run()).toEqual(altered);
    expect(await run({ mode: 'full' })).toEqual([]);
    expect(await keys()).toEqual([...all, 'z']);
    expect(await run()).toEqual([]);
  });

  it('holds older values again: runs are delivered, not proved, until a full one', async () => {
    const { table, put, run } = await setup();
    await put({ a: '1', b: '1', c: '1' });
    await run();
    await bed.target.execute(`CREATE TABLE ${table}_backup AS SELECT * FROM ${table}`);
    await put({ a: '2', b: '2', c: '2' });
    expect(await run()).toEqual([]);
    await bed.target.execute(`DELETE FROM ${table}`);
    await bed.target.execute(`INSERT INTO ${table} SELECT * FROM ${table}_backup`);
    await put({ d: '1' });
    const restored = [expect.stringMatching(/hold other values than it left/)];
    expect(await run()).toEqual(restored);
    expect(await run()).toEqual(restored);
    expect(await run({ mode: 'full' })).toEqual([]);
    expect(await run()).toEqual([]);
  });

  it('holds values of runs that were not complete: nothing to see', async () => {
    const { put, run } = await setup();
    await put({ a: '1', b: '1', c: '1' });
    await run();
    await put({ a: '2', c: '2' });
    await run({ fails: true });
    await put({ d: '1' });
    expect(await run()).toEqual([]);
    await put({ b: '2' });
    expect(await run()).toEqual([]);
  });

  it('is empty although no row that the job remembers was there: an increment is refused', async () => {
    const { table, act, run } = await setup();
    await act('put', 'a', 'b', 'c', 'd');
    await run();
    await act('row', 'a', 'd');
    expect(await run()).toEqual([]);
    await bed.target.execute(`DELETE FROM ${table}`);
    await act('put', 'e');
    await expect(run()).rejects.toMatchObject({
      code: 'TARGET_CHANGED',
      message: expect.stringContaining('it is empty') as string,
    });
    expect(await run({ mode: 'full' })).toEqual([]);
  });

  it('has lost all rows that the job remembers by the job itself: that is not proved any more', async () => {
    const { act, run } = await setup();
    await act('put', 'a', 'b', 'c', 'd');
    await run();
    await act('row', 'a', 'd');
    expect(await run()).toEqual([]);
    await act('put', 'e');
    const blind = [expect.stringMatching(/none of the rows .* is known any more/)];
    expect(await run()).toEqual(blind);
    expect(await run()).toEqual(blind);
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

describe('unique values that move from row to row', () => {
  const seats = async (table: string) =>
    (await bed.target.readRows(table, ['id', 'a'])).map((row) => row.join('='));
  const seated = async () => {
    const bundle = await setup();
    const { table, put } = bundle;
    await bed.target.execute(`CREATE TABLE ${table} (id TEXT PRIMARY KEY NOT NULL, a TEXT, UNIQUE (a))`);
    await put({ r1: 'A', r2: 'B' });
    await bundle.run();
    return bundle;
  };

  describe.each([
    ['in one batch', 20_000],
    ['in transactions of their own', 1],
  ])('%s', (_where, unitRows) => {
    it('down a chain are written in the order in which they are free', async () => {
      const { table, put, run } = await seated();
      await put({ r1: 'B', r2: 'C' });
      expect(await run({ unitRows })).toEqual([]);
      expect(await seats(table)).toEqual(['r1=B', 'r2=C']);
    });

    it.each(['incremental', 'full'] as const)('and are exchanged (%s)', async (mode) => {
      const { table, put, run } = await seated();
      await put({ r1: 'B', r2: 'A' });
      expect(await run({ mode, unitRows })).toEqual([]);
      expect(await seats(table)).toEqual(['r1=B', 'r2=A']);
    });

    it('and are exchanged although others can not be written: a value that is taken, and a row behind it', async () => {
      const { table, put, run } = await seated();
      await put({ r3: 'C', r4: 'D' });
      await run();
      await bed.target.execute(`INSERT INTO ${table} VALUES ('x', 'X')`);
      await put({ r1: 'B', r2: 'A', r3: 'X', r4: 'C' });
      expect(await run({ unitRows, dirtyLimit: 2 })).toEqual([
        expect.stringContaining('2 refused rows are open (first keys: r3, r4)'),
      ]);
      expect(await seats(table)).toEqual(['r1=B', 'r2=A', 'r3=C', 'r4=D', 'x=X']);
    });

    it('and are exchanged although a long chain of others can not be written, as its first one stands against a row of somebody else', async () => {
      const { table, put, run } = await seated();
      const chain = Array.from({ length: 120 }, (_, at) => `s${at + 100}`);
      await put(Object.fromEntries(chain.map((row) => [row, `of ${row}`])));
      await run();
      await bed.target.execute(`INSERT INTO ${table} VALUES ('x', 'of s99')`);
      const wanted = chain.map((row, at) => [row, `of ${chain[at - 1] ?? 's99'}`] as const);
      await put(Object.fromEntries([...wanted, ['r1', 'B'], ['r2', 'A']]));
      expect(await run({ unitRows, dirtyLimit: 120 })).toEqual([
        expect.stringContaining('120 refused rows are open (first keys: s100, s101, s102)'),
      ]);
      expect((await seats(table)).slice(0, 3)).toEqual(['r1=B', 'r2=A', 's100=of s100']);
    });

    it('onto one that stays fail the run that allows no dirty row, which names it', async () => {
      const { table, put, run } = await seated();
      await put({ r1: 'B', r3: 'C' });
      await expect(run({ unitRows })).rejects.toMatchObject({
        code: 'DIRTY_LIMIT',
        message: expect.stringMatching(/row r1, field a.*UNIQUE/) as string,
      });
      expect(await seats(table)).not.toContain('r1=B');
    });

    it('onto one that stays are dirty rows, told with their keys', async () => {
      const { table, put, run } = await seated();
      await put({ r1: 'B', r3: 'C' });
      expect(await run({ unitRows, dirtyLimit: 1 })).toEqual([expect.stringContaining('first keys: r1')]);
      const ledger = await bed.target.plugin.openLedger(bed.target.configOf(table));
      expect(await ledger.readDirty(table, 'task-2', 10)).toMatchObject([{ key: 'r1', stage: 'target' }]);
      expect(await ledger.readRun(table, 'task-2')).toMatchObject({ counts: { written: 1, dirty: 1 } });
      await ledger.close();
    });
  });

  it('that were refused are not written any more once a run that failed has written the row newer', async () => {
    const { table, act, put, run } = await setup('ignore');
    await bed.target.execute(`CREATE TABLE ${table} (id TEXT PRIMARY KEY NOT NULL, a TEXT, UNIQUE (a))`);
    await put({ r1: 'A' });
    await run();
    await bed.target.execute(`INSERT INTO ${table} VALUES ('x', 'X')`);
    await put({ r3: 'X' });
    expect(await run({ dirtyLimit: 1 })).toEqual([expect.stringContaining('first keys: r3')]);
    await put({ r3: 'Y' });
    await run({ fails: true });
    await act('row', 'r3');
    await bed.target.execute(`DELETE FROM ${table} WHERE id = 'x'`);
    await put({ r4: 'D' });
    await run();
    expect(await seats(table)).toEqual(['r1=A', 'r3=Y', 'r4=D']);
  });

  it('go round over many transactions, of which the last has rows of its own', async () => {
    const { table, put, run } = await seated();
    const valuesBy = (by: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`s${at + 100}`, `v${(at + by) % 300}`]));
    await put(valuesBy(0));
    expect(await run({ unitRows: 7 })).toEqual([]);
    const moved = valuesBy(3);
    await put(moved);
    expect(await run({ unitRows: 7 })).toEqual([]);
    const all = Object.entries({ r1: 'A', r2: 'B', ...moved });
    expect(await seats(table)).toEqual(all.map((row) => row.join('=')));
  });

  it('onto one that stays are refused: open over all runs until they can be written', async () => {
    const { table, put, run } = await seated();
    await put({ r1: 'B' });
    const open = [expect.stringMatching(/^1 refused row is open \(first keys: r1\)/)];
    expect(await run({ dirtyLimit: 1 })).toEqual(open);
    await put({ r3: 'D' });
    expect(await run()).toEqual(open);
    expect(await seats(table)).toEqual(['r1=A', 'r2=B', 'r3=D']);
    await put({ r2: 'C' });
    expect(await run()).toEqual([]);
    expect(await seats(table)).toEqual(['r1=B', 'r2=C', 'r3=D']);
  });

  it('that are refused are closed when the row is gone, or has another value', async () => {
    const { act, put, run } = await seated();
    await put({ r1: 'B', r9: 'B' });
    expect(await run({ dirtyLimit: 2 })).toHaveLength(1);
    await act('row', 'r9');
    await put({ r1: 'E' });
    expect(await run()).toEqual([]);
  });

  it('with columns that no field is mapped to lose none of them: an exchange is refused', async () => {
    const { table, put, run } = await setup();
    await bed.target.execute(
      `CREATE TABLE ${table} (id TEXT PRIMARY KEY NOT NULL, a TEXT, own TEXT DEFAULT 'x', UNIQUE (a))`,
    );
    await put({ r1: 'A', r2: 'B' });
    await run();
    await put({ r1: 'B', r2: 'A' });
    await expect(run()).rejects.toMatchObject({ code: 'DIRTY_LIMIT' });
    expect(await seats(table)).toEqual(['r1=A', 'r2=B']);
  });
});
