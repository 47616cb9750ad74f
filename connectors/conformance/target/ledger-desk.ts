// A ledger of a target that nobody used yet, and a way to bring its run to the end.
import assert from 'node:assert/strict';
import type { ConnectorConfig } from '../../../src/core/connector/config-def.ts';
import type { SinkTransaction } from '../../../src/core/connector/sink-store.ts';
import type { RunKey, TargetLedger } from '../../../src/core/ledger/ledger.ts';
import { noSignal, splitOf } from './run-tools.ts';
import { newTableName, type TargetBed } from './target-bed.ts';

export interface LedgerDesk {
  readonly ledger: TargetLedger;
  readonly job: string;
  readonly config: ConnectorConfig;
  /** Completes the current run: one split with two rows and one dirty row, watermark `to`. */
  readonly complete: (epoch: number, to: string | null) => Promise<void>;
}

export async function withLedger(bed: TargetBed, work: (desk: LedgerDesk) => Promise<void>): Promise<void> {
  const table = newTableName();
  const config = bed.configOf(table);
  const ledger = await bed.plugin.openLedger(config);
  const job = `job of ${table}`;
  const complete = async (epoch: number, to: string | null): Promise<void> => {
    const store = await bed.plugin.openStore(config, noSignal);
    try {
      assert.equal(await store.transaction((tx) => finish(tx, { job, epoch }, to)), true);
    } finally {
      await store.close();
    }
  };
  try {
    await work({ ledger, job, config, complete });
  } finally {
    await ledger.close();
  }
}

async function finish(tx: SinkTransaction, key: RunKey, to: string | null): Promise<boolean> {
  await tx.lockJob(key.job, 'exclusive');
  await tx.setPlan(key, { id: 'plan-1', splits: 1, window: { from: null, to }, detail: '{"a":"ä"}' });
  await tx.addPartition(key, { topic: 't', partition: 3, next: 7, logIncarnation: 'log-1' });
  await tx.putSplit(
    key,
    splitOf(0, {
      written: 2,
      dirty: 1,
      deleted: 1,
      removed: 2,
      read: 5,
      filtered: 1,
      nulled: 3,
      endedAs: 1,
    }),
  );
  await tx.addDirty(key, [
    { split: 0, attempt: 'a', stage: 'target', key: 'k', field: 'f', reason: 'too long', bytesHex: '00ff' },
  ]);
  await tx.addSkipped(key, 5);
  return tx.completeRun(key, to);
}
