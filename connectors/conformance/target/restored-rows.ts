// Rows that somebody puts back to older values while a run goes on, of every target: the run's tasks are killed and begin again from
// what the ledger holds, as another process would; the run is complete, and never proved. Part of what every SinkStore must do.
import assert from 'node:assert/strict';
import { assertHas } from '../assert-has.ts';
import type { TargetCheck } from './target-bed.ts';
import { withUnitRun } from './unit-run.ts';

const changed = (key: string) => [new RegExp(`holds other values than it left \\(first keys: ${key}\\)`)];

export const restoredRowsChecks: readonly TargetCheck[] = [
  {
    name: 'rows that the run wrote and nobody touched are proved, also one that came twice',
    act: (bed) =>
      withUnitRun(bed, async (run) => {
        await run.begin();
        await run.rows({ a: '1', b: '1', c: '1' });
        await run.rows({ d: '1', a: '2', e: '1' });
        await run.rows({ f: '1' });
        await run.end();
        assert.deepEqual(await run.doubts(), []);
      }),
  },

  {
    name: 'a row that somebody puts back before its split has ended is named, and the run is not proved',
    act: (bed) =>
      withUnitRun(bed, async (run) => {
        await run.put({ a: '0', b: '0' });
        await run.begin();
        await run.rows({ a: '1', b: '1' });
        await run.put({ a: '0' });
        await run.rows({ c: '1' });
        await run.end();
        assertHas(await run.doubts(), changed('a'));
      }),
  },

  {
    name: 'so is one that is put back when its split has ended, and the run has not',
    act: (bed) =>
      withUnitRun(
        bed,
        async (run) => {
          await run.begin(0);
          await run.rows({ a: '1', b: '1' }, 0);
          await run.end(0);
          await run.put({ b: '0' });
          await run.begin(1);
          await run.rows({ c: '1' }, 1);
          await run.end(1);
          assertHas(await run.doubts(), changed('b'));
        },
        { splits: 2 },
      ),
  },

  {
    name: 'a row that a failed increment wrote and somebody put back is named by the next one',
    act: (bed) =>
      withUnitRun(bed, async (run) => {
        await run.begin();
        await run.rows({ a: '1', b: '1' });
        await run.end();
        assert.deepEqual(await run.doubts(), []);
        await run.next();
        await run.begin();
        await run.rows({ a: '2' });
        await run.abort();
        await run.put({ a: '1' });
        await run.next();
        await run.begin();
        await run.rows({ c: '1' });
        await run.end();
        assertHas(await run.doubts(), changed('a'));
      }),
  },
];
