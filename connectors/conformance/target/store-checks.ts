// What every SinkStore must do: transactions, fence, positions, completion.
import assert from 'node:assert/strict';
import { systemClock } from '../../../src/core/clock.ts';
import type { SinkStore, SinkTransaction } from '../../../src/core/connector/sink-store.ts';
import type { RunKey } from '../../../src/core/ledger/ledger.ts';
import { assertHas } from '../assert-has.ts';
import { batchOf, beginRun, noSignal, openRun, pairs, requestOf, resetTo, splitOf } from './run-tools.ts';
import { newTableName, type SqlTargetCheck, type TargetBed, type TargetCheck } from './target-bed.ts';
import { foundRows } from '../../../src/core/ledger/found-rows.ts';
import { freshTrust } from '../../../src/core/ledger/target-trust.ts';

/** Two stores on the same run, as two writers of a task have them. */
async function withStores(
  bed: TargetBed,
  work: (desk: { stores: readonly [SinkStore, SinkStore]; key: RunKey; table: string }) => Promise<void>,
): Promise<void> {
  const table = newTableName();
  const config = bed.configOf(table);
  const { store, key } = await openRun(bed, config);
  const other = await bed.plugin.openStore(config, noSignal);
  await other.prepareTable(pairs);
  try {
    await work({ stores: [store, other], key, table });
  } finally {
    await store.close();
    await other.close();
  }
}

const position = { topic: 't', partition: 0, next: 10, logIncarnation: 'log' };
const move = { topic: 't', partition: 0, from: 10, to: 20 };

export const transactionsChecks: readonly TargetCheck[] = [
  {
    name: 'a transaction that fails leaves nothing behind',
    act: (bed) =>
      withStores(bed, async ({ stores: [store], key, table }) => {
        await store.transaction((tx) => tx.addPartition(key, position));
        const failed = store.transaction(async (tx) => {
          assert.equal(await tx.movePartition(key, move), true);
          assert.deepEqual(await tx.writeRows(batchOf([['a', 'x']])), []);
          await tx.putSplit(key, splitOf(0));
          await tx.addSkipped(key, 3);
          throw new Error('the lane was stopped');
        });
        await assert.rejects(failed, /the lane was stopped/);
        await store.transaction(async (tx) => {
          assert.deepEqual(await tx.readPartitions(key), [position]);
          assert.deepEqual(await tx.readSplits(key), []);
          assertHas(await tx.readRun(key), { counts: { skipped: 0 } });
        });
        assert.deepEqual(await bed.readRows(table, ['id']), []);
      }),
  },

  {
    name: 'a position is moved by one of two that saw it',
    act: (bed) =>
      withStores(bed, async ({ stores, key }) => {
        await stores[0].transaction((tx) => tx.addPartition(key, position));
        const moved = await Promise.all(
          stores.map((store) => store.transaction((tx) => tx.movePartition(key, move))),
        );
        assert.deepEqual(moved.sort(), [false, true]);
      }),
  },

  {
    name: 'a position that is there stays when it is added again',
    act: (bed) =>
      withStores(bed, async ({ stores: [store], key }) => {
        await store.transaction((tx) => tx.addPartition(key, position));
        await store.transaction((tx) =>
          tx.addPartition(key, { ...position, next: 0, logIncarnation: 'new' }),
        );
        assert.deepEqual(await store.transaction((tx) => tx.readPartitions(key)), [position]);
      }),
  },
];

async function endSplit(tx: SinkTransaction, key: RunKey, split: number): Promise<boolean> {
  await tx.lockJob(key.job, 'exclusive');
  const endedAs = await tx.addEnded(key);
  await tx.putSplit(key, splitOf(split, { written: 1, read: 1, filtered: 0, endedAs }));
  return endedAs === 2 && (await tx.completeRun(key, '500'));
}

export const completionChecks: readonly TargetCheck[] = [
  {
    name: 'of two transactions with the last two ENDs exactly one completes the run',
    act: (bed) =>
      withStores(bed, async ({ stores, key, table }) => {
        for (let round = 0; round < 5; round += 1) {
          const ledger = await bed.plugin.openLedger(bed.configOf(table));
          const begun = await ledger.begin(requestOf(key.job, `round-${round}`));
          await ledger.close();
          if (begun.kind !== 'begun') throw new Error(`begin said ${begun.kind}`);
          const run = { job: key.job, epoch: begun.epoch };
          const completed = await Promise.all(
            stores.map((store, split) => store.transaction((tx) => endSplit(tx, run, split))),
          );
          assert.deepEqual(completed.sort(), [false, true]);
        }
      }),
  },

  {
    name: 'a run is not completed when the watermark is not where it began',
    act: (bed) =>
      withStores(bed, async ({ stores: [store], key, table }) => {
        const ledger = await bed.plugin.openLedger(bed.configOf(table));
        await resetTo(ledger, key.job, '3');
        assert.equal(await store.transaction((tx) => tx.completeRun(key, '9')), false);
        assertHas(await ledger.readRun(key.job, 'task-1'), { state: 'running' });
        await resetTo(ledger, key.job, null);
        assert.equal(await store.transaction((tx) => tx.completeRun(key, '9')), true);
        assertHas(await ledger.readJob(key.job), { watermark: '9' });
        await ledger.close();
      }),
  },

  {
    name: 'a source without a clock leaves no watermark, and its run is complete all the same',
    act: (bed) =>
      withStores(bed, async ({ stores: [store], key }) => {
        assert.equal(await store.transaction((tx) => tx.completeRun(key, null)), true);
        assertHas(await store.transaction((tx) => tx.readRun(key)), { state: 'complete' });
        assertHas(await store.transaction((tx) => tx.lockJob(key.job, 'shared')), {
          watermark: null,
        });
      }),
  },
];

export const ledgerRowsChecks: readonly TargetCheck[] = [
  {
    name: 'plans, splits, skipped records and positions are read as they were written',
    act: (bed) =>
      withStores(bed, async ({ stores: [store], key }) => {
        const plan = {
          id: 'p',
          splits: 2,
          window: { from: '2025-11-25T01:00:00.000Z', to: `4/${'位'.repeat(253)}` },
          detail: JSON.stringify({ schema: '中文 "\\' }),
        };
        const first = splitOf(0, { written: 3, dirty: 1 });
        const second = splitOf(1, { read: 9, filtered: 2, written: 7, endedAs: 1 });
        await store.transaction(async (tx) => {
          await tx.setPlan(key, plan);
          await tx.setPlan(key, { ...plan, id: 'another' });
          await tx.putSplit(key, splitOf(0));
          await tx.putSplit(key, second);
          await tx.putSplit(key, first);
          await tx.addSkipped(key, 2);
          await tx.addSkipped(key, 3);
          assert.equal(await tx.addEnded(key), 1);
          assert.equal(await tx.addEnded(key), 2);
        });
        await store.transaction(async (tx) => {
          assert.deepEqual(await tx.readSplits(key), [first, second]);
          assertHas(await tx.readRun(key), {
            plan,
            counts: { written: 10, dirty: 1, skipped: 5, read: null },
          });
        });
      }),
  },

  {
    name: 'what the job may believe of its target is read as it was written, by stores and executor',
    act: (bed) =>
      withStores(bed, async ({ stores, key, table }) => {
        const witnesses = [{ key: '["YQ=="]', mark: 'm' }];
        const trust = { ...freshTrust('中文'), deletesFrom: '7', witnesses, lost: foundRows(['a', '键']) };
        const kept = { witnesses, lost: ['b'], overwritten: ['键'] };
        assert.deepEqual(await stores[0].transaction((tx) => tx.readTrust(key.job)), freshTrust(''));
        await stores[0].transaction(async (tx) => {
          await tx.lockJob(key.job, 'exclusive');
          await tx.putTrust(key.job, trust);
          await tx.putSplit(key, splitOf(3, kept));
        });
        await stores[1].transaction(async (tx) => {
          assert.deepEqual(await tx.readTrust(key.job), trust);
          assert.deepEqual(await tx.readSplits(key), [splitOf(3, kept)]);
        });
        const ledger = await bed.plugin.openLedger(bed.configOf(table));
        assert.deepEqual(await ledger.readTrust(key.job), trust);
        assert.equal(await ledger.readTrust('another'), null);
        const next = requestOf(key.job, 'task-2', { mapping: { digest: 'm', version: 4 } });
        assertHas(await ledger.begin(next), { kind: 'begun', base: null });
        const unmarked = [{ key: '["YQ=="]', mark: null }];
        const changed = { mapping: 'm', mixed: { version: 4, since: null }, witnesses: unmarked };
        assert.deepEqual(await ledger.readTrust(key.job), { ...trust, ...changed });
        await resetTo(ledger, key.job, '50');
        assert.deepEqual(await ledger.readTrust(key.job), {
          ...trust,
          ...changed,
          gap: { from: null, to: '50' },
        });
        await ledger.close();
      }),
  },

  {
    name: 'what the target holds of rows is known by their keys, and whether it has any',
    act: (bed) =>
      withStores(bed, async ({ stores: [store] }) => {
        const digests = (...keys: string[]) =>
          store.transaction((tx) => tx.digestRows(batchOf(keys.map((each) => [each, null]))));
        const write = (...rows: (readonly (string | null)[])[]) =>
          store.transaction((tx) => tx.writeRows(batchOf(rows)));
        assert.equal(await store.transaction((tx) => tx.isEmpty()), true);
        assert.deepEqual(await digests('a', 'b'), [null, null]);
        await write(['a', 'x'], ['键\t', null], ['c', 'x']);
        const [no, a, key, upper, long] = await digests('b', 'a', '键\t', 'A', 'x'.repeat(300));
        assert.deepEqual([no, upper, long], [null, null, null]);
        assertHas([a, key], [/./, /./]);
        assert.equal(await store.transaction((tx) => tx.isEmpty()), false);
        await write(['a', 'y'], ['c', 'x']);
        const [changed, same] = await digests('a', 'c');
        assert.notEqual(changed, a);
        await write(['a', 'x']);
        assert.deepEqual(await digests('a', 'c'), [a, same]);
      }),
  },

  {
    name: 'rows of the transaction itself are there',
    act: (bed) =>
      withStores(bed, async ({ stores: [store] }) => {
        await store.transaction(async (tx) => {
          await tx.writeRows(
            batchOf([
              ['a', 'x'],
              ['b', 'x'],
            ]),
          );
          await tx.deleteRows(batchOf([['b', null]]));
          assert.notEqual(await tx.isEmpty(), true);
          const [a, b] = await tx.digestRows(
            batchOf([
              ['a', null],
              ['b', null],
            ]),
          );
          assert.deepEqual([a === null, b], [false, null]);
        });
      }),
  },

  {
    name: 'dirty rows are kept per split, and go with a new attempt',
    act: (bed) =>
      withStores(bed, async ({ stores: [store], key, table }) => {
        const dirty = (split: number, at: number) =>
          ({
            split,
            attempt: 'a',
            stage: at % 2 === 0 ? 'source' : 'target',
            key: `键${at}`,
            field: 'value',
            reason: `'😀' ${'x'.repeat(at)}`,
            bytesHex: 'f09f',
          }) as const;
        const rows = Array.from({ length: 250 }, (_, at) => dirty(at % 2, at));
        await store.transaction((tx) => tx.addDirty(key, rows.slice(0, 240)));
        await store.transaction((tx) => tx.addDirty(key, rows.slice(240)));
        const ledger = await bed.plugin.openLedger(bed.configOf(table));
        const sorted = [...rows].sort((a, b) => a.split - b.split);
        assert.deepEqual(await ledger.readDirty(key.job, 'task-1', 1000), sorted);
        assert.deepEqual(await ledger.readDirty(key.job, 'task-1', 3), sorted.slice(0, 3));
        await store.transaction((tx) => tx.clearDirty(key, 0));
        assert.deepEqual(
          await ledger.readDirty(key.job, 'task-1', 1000),
          rows.filter((row) => row.split === 1),
        );
        await ledger.close();
      }),
  },

  {
    name: 'the ledger of one job does not see that of another beside it',
    act: (bed) =>
      withStores(bed, async ({ stores: [store], key }) => {
        const other = await beginRun(bed, bed.configOf(newTableName()));
        await store.transaction(async (tx) => {
          await tx.putSplit(key, splitOf(0, { endedAs: await tx.addEnded(key) }));
          await tx.addPartition(key, position);
          assert.deepEqual(await tx.readSplits(other), []);
          assert.equal(await tx.movePartition(other, move), false);
        });
      }),
  },
];

/** Or until the time is up. */
async function untilSo(isSo: () => boolean, limitMs: number): Promise<void> {
  const end = systemClock.monotonic() + limitMs;
  while (!isSo() && systemClock.monotonic() < end) await systemClock.sleep(5);
}

export const fenceChecks: readonly SqlTargetCheck[] = [
  {
    name: 'a new run begins only behind the transactions that hold the fence, and is seen by the next one',
    act: (bed) =>
      withStores(bed, async ({ stores: [store], key, table }) => {
        const ledger = await bed.plugin.openLedger(bed.configOf(table));
        const order: string[] = [];
        let begun: Promise<unknown> = Promise.resolve();
        await store.transaction(async (tx) => {
          assertHas(await tx.lockJob(key.job, 'shared'), { epoch: 1, taskId: 'task-1' });
          begun = ledger.begin(requestOf(key.job, 'task-2')).then(() => order.push('begun'));
          await tx.writeRows(batchOf([['a', 'x']]));
          // Long enough for a begin that does not wait to be done.
          await new Promise((resolve) => setTimeout(resolve, 200));
          order.push('written');
        });
        await begun;
        await ledger.close();
        assert.deepEqual(order, ['written', 'begun']);
        assertHas(await store.transaction((tx) => tx.lockJob(key.job, 'shared')), { epoch: 2 });
        assert.equal(await store.transaction((tx) => tx.lockJob('nobody', 'exclusive')), null);
      }),
  },

  {
    name: 'a new run gets its turn where two writers hold the fence without a pause',
    act: (bed) =>
      withStores(bed, async ({ stores, key, table }) => {
        const ledger = await bed.plugin.openLedger(bed.configOf(table));
        let begun = false;
        let held = 0;
        /** Lets go of the fence only when the other one has it. */
        const holdOn = async (store: SinkStore): Promise<void> => {
          while (!begun && held < 400)
            await store.transaction(async (tx) => {
              await tx.lockJob(key.job, 'shared');
              const mine = (held += 1);
              await untilSo(() => begun || held > mine, 300);
            });
        };
        const writing = Promise.all(stores.map(holdOn));
        writing.catch(() => undefined);
        await untilSo(() => held > 3, 10_000);
        await ledger.begin(requestOf(key.job, 'task-2'));
        begun = true;
        await writing;
        assert.ok(held < 400);
        await ledger.close();
      }),
  },
];

/** Without locks a new run waits for nobody: who was at work finds that it is over. */
export const overtakingChecks: readonly TargetCheck[] = [
  {
    name: 'what a new run overtakes is done again on the ledger as it is now, and nothing of the first try stays',
    act: (bed) =>
      withStores(bed, async ({ stores: [store], key, table }) => {
        const ledger = await bed.plugin.openLedger(bed.configOf(table));
        await store.transaction((tx) => tx.addPartition(key, position));
        const seen: (number | undefined)[] = [];
        const overtaken = store.transaction(async (tx) => {
          const job = await tx.lockJob(key.job, 'shared');
          seen.push(job?.epoch);
          if (job?.epoch !== key.epoch) throw new Error('fenced');
          assert.equal(await tx.movePartition(key, move), true);
          await tx.writeRows(batchOf([['a', 'x']]));
          await ledger.begin(requestOf(key.job, 'task-2'));
        });
        await assert.rejects(overtaken, /fenced/);
        assert.deepEqual(seen, [1, 2]);
        assert.deepEqual(await store.transaction((tx) => tx.readPartitions(key)), [position]);
        assert.deepEqual(await bed.readRows(table, ['id']), []);
        assert.equal(await store.transaction((tx) => tx.lockJob('nobody', 'exclusive')), null);
        await ledger.close();
      }),
  },
];
