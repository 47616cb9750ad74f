// Looking at a ledger changes nothing in the target; part of what every TargetLedger must do.
import assert from 'node:assert/strict';
import type { ConnectorConfig } from '../../../src/core/connector/config-def.ts';
import type { TargetLedger } from '../../../src/core/ledger/ledger.ts';
import { assertHas } from '../assert-has.ts';
import { requestOf, resetTo } from './run-tools.ts';
import { newTableName, type TargetBed, type TargetCheck } from './target-bed.ts';

interface Desk {
  readonly ledger: TargetLedger;
  readonly job: string;
  readonly config: ConnectorConfig;
}

async function onNewTable(bed: TargetBed, work: (desk: Desk) => Promise<void>): Promise<void> {
  const table = newTableName();
  const config = bed.configOf(table);
  const ledger = await bed.plugin.openLedger(config);
  try {
    await work({ ledger, job: `job of ${table}`, config });
  } finally {
    await ledger.close();
  }
}

/** The first in a target without a ledger. */
export const lookingChecks: readonly TargetCheck[] = [
  {
    name: 'is made by begin only: who asks, or ends a job that it does not know, leaves nothing behind',
    act: (bed) =>
      onNewTable(bed, async ({ ledger, job }) => {
        const before = await bed.footprint();
        assert.deepEqual(await ledger.look(job), { held: null, takenBy: null });
        assert.equal(await ledger.readJob(job), null);
        assert.equal(await ledger.readTrust(job), null);
        assert.equal(await ledger.readRun(job, 'task-1'), null);
        assert.deepEqual(await ledger.readPartitions(job), []);
        assert.deepEqual(await ledger.readDirty(job, 'task-1', 10), []);
        assert.deepEqual(await ledger.abort({ job, taskId: 'task-1' }), { kind: 'not-holder' });
        await assert.rejects(resetTo(ledger, job, '1'), { code: 'NOT_FOUND' });
        await ledger.remove(job);
        assert.deepEqual(await bed.footprint(), before);
      }),
  },

  {
    name: 'many jobs that begin at once make the ledger together, and each begins',
    act: async (bed) => {
      const ledgers = await Promise.all(
        Array.from({ length: 12 }, () => bed.plugin.openLedger(bed.configOf(newTableName()))),
      );
      const begun = await Promise.all(
        ledgers.map((ledger, n) => ledger.begin(requestOf(`job ${n} of many`, 'task-1'))),
      );
      assert.deepEqual(
        begun.map(({ kind }) => kind),
        ledgers.map(() => 'begun'),
      );
      await Promise.all(ledgers.map((ledger) => ledger.close()));
    },
  },

  {
    name: 'is looked at by its job, by another and by one that is not saved yet, and stays as it is',
    act: (bed) =>
      onNewTable(bed, async ({ ledger, job, config }) => {
        await ledger.begin(requestOf(job, 'task-1', { mapping: { digest: 'mapping-1', version: 3 } }));
        const before = await bed.footprint();
        const other = await bed.plugin.openLedger(config);
        const held = { job: { job, digest: 'digest-1', epoch: 1 }, trust: { mapping: 'mapping-1' } };
        assertHas(await other.look(job), { held, takenBy: null });
        assert.deepEqual(await other.look('job of nobody'), { held: null, takenBy: job });
        assert.deepEqual(await other.look(''), { held: null, takenBy: job });
        await other.close();
        assert.deepEqual(await bed.footprint(), before);
      }),
  },
];
