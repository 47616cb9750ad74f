// Looking at a ledger changes nothing in the target; part of what every TargetLedger must do.
import { expect, it } from 'vitest';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { TargetLedger } from '../../src/core/ledger/ledger.ts';
import { requestOf } from './sink-bed.ts';
import type { Tools } from './sink-bed.ts';
import { resetTo } from '../support/reset-to.ts';

interface Desk {
  readonly ledger: TargetLedger;
  readonly job: string;
  readonly config: ConnectorConfig;
}

async function onNewTable(tools: Tools, work: (desk: Desk) => Promise<void>): Promise<void> {
  const table = tools.newTable();
  const config = tools.bed().configOf(table);
  const ledger = await tools.bed().plugin.openLedger(config);
  try {
    await work({ ledger, job: `job of ${table}`, config });
  } finally {
    await ledger.close();
  }
}

/** The first in a target without a ledger. */
export function describeLooking(tools: Tools): void {
  it('is made by begin only: who asks, or ends a job that it does not know, leaves nothing behind', () =>
    onNewTable(tools, async ({ ledger, job }) => {
      const before = await tools.bed().footprint();
      expect(await ledger.look(job)).toEqual({ held: null, takenBy: null });
      expect(await ledger.readJob(job)).toBeNull();
      expect(await ledger.readTrust(job)).toBeNull();
      expect(await ledger.readRun(job, 'task-1')).toBeNull();
      expect(await ledger.readPartitions(job)).toEqual([]);
      expect(await ledger.readDirty(job, 'task-1', 10)).toEqual([]);
      expect(await ledger.abort({ job, taskId: 'task-1' })).toEqual({ kind: 'not-holder' });
      await expect(resetTo(ledger, job, '1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await ledger.remove(job);
      expect(await tools.bed().footprint()).toEqual(before);
    }));

  it('many jobs that begin at once make the ledger together, and each begins', async () => {
    const ledgers = await Promise.all(
      Array.from({ length: 12 }, () => tools.bed().plugin.openLedger(tools.bed().configOf(tools.newTable()))),
    );
    const begun = await Promise.all(
      ledgers.map((ledger, n) => ledger.begin(requestOf(`job ${n} of many`, 'task-1'))),
    );
    expect(begun.map(({ kind }) => kind)).toEqual(ledgers.map(() => 'begun'));
    await Promise.all(ledgers.map((ledger) => ledger.close()));
  });

  it('is looked at by its job, by another and by one that is not saved yet, and stays as it is', () =>
    onNewTable(tools, async ({ ledger, job, config }) => {
      await ledger.begin(requestOf(job, 'task-1', { mapping: { digest: 'mapping-1', version: 3 } }));
      const before = await tools.bed().footprint();
      const other = await tools.bed().plugin.openLedger(config);
      const held = { job: { job, digest: 'digest-1', epoch: 1 }, trust: { mapping: 'mapping-1' } };
      expect(await other.look(job)).toMatchObject({ held, takenBy: null });
      expect(await other.look('job of nobody')).toEqual({ held: null, takenBy: job });
      expect(await other.look('')).toEqual({ held: null, takenBy: job });
      await other.close();
      expect(await tools.bed().footprint()).toEqual(before);
    }));
}
