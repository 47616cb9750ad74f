// Whole runs of a target: each row has its effect once whatever is repeated, an older run writes nothing, what is put aside is kept, and a
// target that somebody emptied is noticed.
import assert from 'node:assert/strict';
import { assertHas } from '../assert-has.ts';
import type { TargetBed, TargetCheck } from './target-bed.ts';
import { withUnitRun } from './unit-run.ts';

async function rowsOf(bed: TargetBed, table: string): Promise<readonly string[]> {
  const rows = await bed.readRows(table, ['id', 'value']);
  return rows.map(([id, value]) => `${id ?? 'NULL'}=${value ?? 'NULL'}`).sort();
}

export const runChecks: readonly TargetCheck[] = [
  {
    name: 'a unit that comes again is not applied again, whichever it is, and the run is complete once',
    act: (bed) =>
      withUnitRun(bed, async (run) => {
        await run.begin();
        assertHas(await run.again(), { kind: 'position-moved' });
        await run.rows({ a: '1', b: '1' });
        // Somebody else's change in between would be undone by rows that are written twice.
        await run.put({ b: 'other' });
        assertHas(await run.again(), { kind: 'position-moved' });
        assert.deepEqual(await rowsOf(bed, run.table), ['a=1', 'b=other']);
        assertHas(await run.end(), { kind: 'applied', complete: true });
        assertHas(await run.again(), { kind: 'position-moved' });
        assertHas(await run.found(), { state: 'complete', counts: { written: 2, read: 2 } });
      }),
  },

  {
    name: 'a task of an older run writes nothing any more, neither rows nor to the ledger',
    act: (bed) =>
      withUnitRun(bed, async (run) => {
        await run.begin();
        await run.rows({ a: '1' });
        const late = run.stay();
        await run.next();
        const before = await bed.footprint();
        await assert.rejects(late({ a: 'late', z: 'late' }), { code: 'FENCED' });
        assert.deepEqual(await bed.footprint(), before);
        await run.begin();
        await run.rows({ a: '2' });
        await assert.rejects(late({ a: 'late' }), { code: 'FENCED' });
        await run.end();
        assert.deepEqual(await rowsOf(bed, run.table), ['a=2']);
      }),
  },

  {
    name: 'a row that can not be written is put aside with its reason, all others are there, and both are counted',
    act: (bed) =>
      withUnitRun(
        bed,
        async (run) => {
          await run.begin();
          await run.rows({ a: '1', b: 'far too long a text', c: '1' });
          await run.rows({ d: 'again far too long', e: '1' });
          await run.end();
          assert.deepEqual(await rowsOf(bed, run.table), ['a=1', 'c=1', 'e=1']);
          assertHas(await run.found(), { state: 'complete', counts: { read: 5, written: 3, dirty: 2 } });
          assertHas(await run.dirty(), [
            { key: 'b', field: 'value', reason: /./ },
            { key: 'd', field: 'value', reason: /./ },
          ]);
        },
        { dirtyLimit: 10 },
      ),
  },

  {
    name: 'more rows than may be put aside end the run, and nothing of that unit is there',
    act: (bed) =>
      withUnitRun(bed, async (run) => {
        await run.begin();
        await run.rows({ a: '1' });
        await assert.rejects(run.rows({ b: '1', c: 'far too long a text' }), { code: 'DIRTY_LIMIT' });
        assertHas(await run.found(), { state: 'running', counts: { written: 1, dirty: 0 } });
        assert.deepEqual(await rowsOf(bed, run.table), ['a=1']);
      }),
  },

  {
    name: 'a run whose end counts other rows than arrived is not complete',
    act: (bed) =>
      withUnitRun(bed, async (run) => {
        await run.begin();
        await run.rows({ a: '1', b: '1' });
        run.claim(3);
        await assert.rejects(run.end(), { code: 'INCOMPLETE' });
        assertHas(await run.found(), { state: 'running' });
      }),
  },

  {
    name: 'a target that somebody emptied between two runs is noticed: an increment into it does not begin',
    act: (bed) =>
      withUnitRun(bed, async (run) => {
        const all = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`k${at}`, '1']));
        await run.begin();
        await run.rows(all);
        await run.end();
        assert.deepEqual(await run.doubts(), []);
        await run.takeAway(...Object.keys(all));
        await run.next();
        await assert.rejects(run.begin(), { code: 'TARGET_CHANGED' });
      }),
  },
];
