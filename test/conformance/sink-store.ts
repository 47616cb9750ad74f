// What every SinkStore must do: transactions, fence, positions, completion.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SinkStore, SinkTransaction } from '../../src/core/connector/sink-store.ts';
import type { RunKey } from '../../src/core/ledger/ledger.ts';
import { batchOf, beginRun, newTableName, noSignal, openRun, pairs, requestOf, splitOf } from './sink-bed.ts';
import type { OpenBed, SinkBed, TargetKind, Tools } from './sink-bed.ts';
import { resetTo } from '../support/reset-to.ts';
import { waitUntil } from '../support/wait-until.ts';
import { describeDeletes } from './sink-deletes.ts';
import { describeRestoredRows } from './restored-rows.ts';
import { describeRowValues } from './sink-row-values.ts';
import { describeTables } from './sink-tables.ts';
import { foundRows } from '../../src/core/ledger/found-rows.ts';
import { freshTrust } from '../../src/core/ledger/target-trust.ts';

export function describeSinkStore(name: string, openBed: OpenBed, kind: TargetKind = 'sql'): void {
  describe(`the store in ${name}`, () => {
    let bed: SinkBed;
    beforeAll(async () => {
      bed = await openBed();
    });
    afterAll(() => bed.close());
    const tools: Tools = { bed: () => bed, newTable: newTableName };
    describeTransactions(tools);
    describeCompletion(tools);
    describeLedgerRows(tools);
    describeRowValues(tools, kind);
    describeTables(tools, kind);
    describeDeletes(tools, kind);
    describeRestoredRows(tools);
    if (kind === 'sql') describeFence(tools);
    else describeOvertaking(tools);
  });
}

/** Two stores on the same run, as two writers of a task have them. */
async function withStores(
  tools: Tools,
  work: (desk: { stores: readonly [SinkStore, SinkStore]; key: RunKey; table: string }) => Promise<void>,
): Promise<void> {
  const table = tools.newTable();
  const config = tools.bed().configOf(table);
  const { store, key } = await openRun(tools.bed(), config);
  const other = await tools.bed().plugin.openStore(config, noSignal);
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

function describeTransactions(tools: Tools): void {
  it('a transaction that fails leaves nothing behind', () =>
    withStores(tools, async ({ stores: [store], key, table }) => {
      await store.transaction((tx) => tx.addPartition(key, position));
      const failed = store.transaction(async (tx) => {
        expect(await tx.movePartition(key, move)).toBe(true);
        expect(await tx.writeRows(batchOf([['a', 'x']]))).toEqual([]);
        await tx.putSplit(key, splitOf(0));
        await tx.addSkipped(key, 3);
        throw new Error('the lane was stopped');
      });
      await expect(failed).rejects.toThrow('the lane was stopped');
      await store.transaction(async (tx) => {
        expect(await tx.readPartitions(key)).toEqual([position]);
        expect(await tx.readSplits(key)).toEqual([]);
        expect(await tx.readRun(key)).toMatchObject({ counts: { skipped: 0 } });
      });
      expect(await tools.bed().readRows(table, ['id'])).toEqual([]);
    }));

  it('a position is moved by one of two that saw it', () =>
    withStores(tools, async ({ stores, key }) => {
      await stores[0].transaction((tx) => tx.addPartition(key, position));
      const moved = await Promise.all(
        stores.map((store) => store.transaction((tx) => tx.movePartition(key, move))),
      );
      expect(moved.sort()).toEqual([false, true]);
    }));

  it('a position that is there stays when it is added again', () =>
    withStores(tools, async ({ stores: [store], key }) => {
      await store.transaction((tx) => tx.addPartition(key, position));
      await store.transaction((tx) => tx.addPartition(key, { ...position, next: 0, logIncarnation: 'new' }));
      expect(await store.transaction((tx) => tx.readPartitions(key))).toEqual([position]);
    }));
}

async function endSplit(tx: SinkTransaction, key: RunKey, split: number): Promise<boolean> {
  await tx.lockJob(key.job, 'exclusive');
  const endedAs = await tx.addEnded(key);
  await tx.putSplit(key, splitOf(split, { written: 1, read: 1, filtered: 0, endedAs }));
  return endedAs === 2 && (await tx.completeRun(key, '500'));
}

function describeCompletion(tools: Tools): void {
  it('of two transactions with the last two ENDs exactly one completes the run', () =>
    withStores(tools, async ({ stores, key, table }) => {
      for (let round = 0; round < 5; round += 1) {
        const ledger = await tools.bed().plugin.openLedger(tools.bed().configOf(table));
        const begun = await ledger.begin(requestOf(key.job, `round-${round}`));
        await ledger.close();
        if (begun.kind !== 'begun') throw new Error(`begin said ${begun.kind}`);
        const run = { job: key.job, epoch: begun.epoch };
        const completed = await Promise.all(
          stores.map((store, split) => store.transaction((tx) => endSplit(tx, run, split))),
        );
        expect(completed.sort()).toEqual([false, true]);
      }
    }));

  it('a run is not completed when the watermark is not where it began', () =>
    withStores(tools, async ({ stores: [store], key, table }) => {
      const ledger = await tools.bed().plugin.openLedger(tools.bed().configOf(table));
      await resetTo(ledger, key.job, '3');
      expect(await store.transaction((tx) => tx.completeRun(key, '9'))).toBe(false);
      expect(await ledger.readRun(key.job, 'task-1')).toMatchObject({ state: 'running' });
      await resetTo(ledger, key.job, null);
      expect(await store.transaction((tx) => tx.completeRun(key, '9'))).toBe(true);
      expect(await ledger.readJob(key.job)).toMatchObject({ watermark: '9' });
      await ledger.close();
    }));

  it('a source without a clock leaves no watermark, and its run is complete all the same', () =>
    withStores(tools, async ({ stores: [store], key }) => {
      expect(await store.transaction((tx) => tx.completeRun(key, null))).toBe(true);
      expect(await store.transaction((tx) => tx.readRun(key))).toMatchObject({ state: 'complete' });
      expect(await store.transaction((tx) => tx.lockJob(key.job, 'shared'))).toMatchObject({
        watermark: null,
      });
    }));
}

function describeLedgerRows(tools: Tools): void {
  it('plans, splits, skipped records and positions are read as they were written', () =>
    withStores(tools, async ({ stores: [store], key }) => {
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
        expect(await tx.addEnded(key)).toBe(1);
        expect(await tx.addEnded(key)).toBe(2);
      });
      await store.transaction(async (tx) => {
        expect(await tx.readSplits(key)).toEqual([first, second]);
        expect(await tx.readRun(key)).toMatchObject({
          plan,
          counts: { written: 10, dirty: 1, skipped: 5, read: null },
        });
      });
    }));

  it('what the job may believe of its target is read as it was written, by stores and executor', () =>
    withStores(tools, async ({ stores, key, table }) => {
      const witnesses = [{ key: '["YQ=="]', mark: 'm' }];
      const trust = { ...freshTrust('中文'), deletesFrom: '7', witnesses, lost: foundRows(['a', '键']) };
      const kept = { witnesses, lost: ['b'], overwritten: ['键'] };
      expect(await stores[0].transaction((tx) => tx.readTrust(key.job))).toEqual(freshTrust(''));
      await stores[0].transaction(async (tx) => {
        await tx.lockJob(key.job, 'exclusive');
        await tx.putTrust(key.job, trust);
        await tx.putSplit(key, splitOf(3, kept));
      });
      await stores[1].transaction(async (tx) => {
        expect(await tx.readTrust(key.job)).toEqual(trust);
        expect(await tx.readSplits(key)).toEqual([splitOf(3, kept)]);
      });
      const ledger = await tools.bed().plugin.openLedger(tools.bed().configOf(table));
      expect(await ledger.readTrust(key.job)).toEqual(trust);
      expect(await ledger.readTrust('another')).toBeNull();
      const next = requestOf(key.job, 'task-2', { mapping: { digest: 'm', version: 4 } });
      expect(await ledger.begin(next)).toMatchObject({ kind: 'begun', base: null });
      const unmarked = [{ key: '["YQ=="]', mark: null }];
      const changed = { mapping: 'm', mixed: { version: 4, since: null }, witnesses: unmarked };
      expect(await ledger.readTrust(key.job)).toEqual({ ...trust, ...changed });
      await resetTo(ledger, key.job, '50');
      expect(await ledger.readTrust(key.job)).toEqual({
        ...trust,
        ...changed,
        gap: { from: null, to: '50' },
      });
      await ledger.close();
    }));

  it('what the target holds of rows is known by their keys, and whether it has any', () =>
    withStores(tools, async ({ stores: [store] }) => {
      const digests = (...keys: string[]) =>
        store.transaction((tx) => tx.digestRows(batchOf(keys.map((each) => [each, null]))));
      const write = (...rows: (readonly (string | null)[])[]) =>
        store.transaction((tx) => tx.writeRows(batchOf(rows)));
      expect(await store.transaction((tx) => tx.isEmpty())).toBe(true);
      expect(await digests('a', 'b')).toEqual([null, null]);
      await write(['a', 'x'], ['键\t', null], ['c', 'x']);
      const [no, a, key, upper, long] = await digests('b', 'a', '键\t', 'A', 'x'.repeat(300));
      expect([no, upper, long]).toEqual([null, null, null]);
      expect([a, key]).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)]);
      expect(await store.transaction((tx) => tx.isEmpty())).toBe(false);
      await write(['a', 'y'], ['c', 'x']);
      const [changed, same] = await digests('a', 'c');
      expect(changed).not.toBe(a);
      await write(['a', 'x']);
      expect(await digests('a', 'c')).toEqual([a, same]);
    }));

  it('rows of the transaction itself are there', () =>
    withStores(tools, async ({ stores: [store] }) => {
      await store.transaction(async (tx) => {
        await tx.writeRows(
          batchOf([
            ['a', 'x'],
            ['b', 'x'],
          ]),
        );
        await tx.deleteRows(batchOf([['b', null]]));
        expect(await tx.isEmpty()).not.toBe(true);
        const [a, b] = await tx.digestRows(
          batchOf([
            ['a', null],
            ['b', null],
          ]),
        );
        expect([a === null, b]).toEqual([false, null]);
      });
    }));

  it('dirty rows are kept per split, and go with a new attempt', () =>
    withStores(tools, async ({ stores: [store], key, table }) => {
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
      const ledger = await tools.bed().plugin.openLedger(tools.bed().configOf(table));
      const sorted = [...rows].sort((a, b) => a.split - b.split);
      expect(await ledger.readDirty(key.job, 'task-1', 1000)).toEqual(sorted);
      expect(await ledger.readDirty(key.job, 'task-1', 3)).toEqual(sorted.slice(0, 3));
      await store.transaction((tx) => tx.clearDirty(key, 0));
      expect(await ledger.readDirty(key.job, 'task-1', 1000)).toEqual(rows.filter((row) => row.split === 1));
      await ledger.close();
    }));

  it('the ledger of one job does not see that of another beside it', () =>
    withStores(tools, async ({ stores: [store], key }) => {
      const other = await beginRun(tools.bed(), tools.bed().configOf(tools.newTable()));
      await store.transaction(async (tx) => {
        await tx.putSplit(key, splitOf(0, { endedAs: await tx.addEnded(key) }));
        await tx.addPartition(key, position);
        expect(await tx.readSplits(other)).toEqual([]);
        expect(await tx.movePartition(other, move)).toBe(false);
      });
    }));
}

function describeFence(tools: Tools): void {
  it('a new run begins only behind the transactions that hold the fence, and is seen by the next one', () =>
    withStores(tools, async ({ stores: [store], key, table }) => {
      const ledger = await tools.bed().plugin.openLedger(tools.bed().configOf(table));
      const order: string[] = [];
      let begun: Promise<unknown> = Promise.resolve();
      await store.transaction(async (tx) => {
        expect(await tx.lockJob(key.job, 'shared')).toMatchObject({ epoch: 1, taskId: 'task-1' });
        begun = ledger.begin(requestOf(key.job, 'task-2')).then(() => order.push('begun'));
        await tx.writeRows(batchOf([['a', 'x']]));
        // Long enough for a begin that does not wait to be done.
        await new Promise((resolve) => setTimeout(resolve, 200));
        order.push('written');
      });
      await begun;
      await ledger.close();
      expect(order).toEqual(['written', 'begun']);
      expect(await store.transaction((tx) => tx.lockJob(key.job, 'shared'))).toMatchObject({ epoch: 2 });
      expect(await store.transaction((tx) => tx.lockJob('nobody', 'exclusive'))).toBeNull();
    }));

  it('a new run gets its turn where two writers hold the fence without a pause', () =>
    withStores(tools, async ({ stores, key, table }) => {
      const ledger = await tools.bed().plugin.openLedger(tools.bed().configOf(table));
      let begun = false;
      let held = 0;
      /** Lets go of the fence only when the other one has it. */
      const holdOn = async (store: SinkStore): Promise<void> => {
        while (!begun && held < 400)
          await store.transaction(async (tx) => {
            await tx.lockJob(key.job, 'shared');
            const mine = (held += 1);
            await waitUntil('the other one holds it', () => begun || held > mine, 300).catch(() => undefined);
          });
      };
      const writers = stores.map(holdOn);
      await waitUntil('both write', () => held > 3);
      await ledger.begin(requestOf(key.job, 'task-2'));
      begun = true;
      await Promise.all(writers);
      expect(held).toBeLessThan(400);
      await ledger.close();
    }));
}

/** Without locks a new run waits for nobody: who was at work finds that it is over. */
function describeOvertaking(tools: Tools): void {
  it('what a new run overtakes is done again on the ledger as it is now, and nothing of the first try stays', () =>
    withStores(tools, async ({ stores: [store], key, table }) => {
      const ledger = await tools.bed().plugin.openLedger(tools.bed().configOf(table));
      await store.transaction((tx) => tx.addPartition(key, position));
      const seen: (number | undefined)[] = [];
      const overtaken = store.transaction(async (tx) => {
        const job = await tx.lockJob(key.job, 'shared');
        seen.push(job?.epoch);
        if (job?.epoch !== key.epoch) throw new Error('fenced');
        expect(await tx.movePartition(key, move)).toBe(true);
        await tx.writeRows(batchOf([['a', 'x']]));
        await ledger.begin(requestOf(key.job, 'task-2'));
      });
      await expect(overtaken).rejects.toThrow('fenced');
      expect(seen).toEqual([1, 2]);
      expect(await store.transaction((tx) => tx.readPartitions(key))).toEqual([position]);
      expect(await tools.bed().readRows(table, ['id'])).toEqual([]);
      expect(await store.transaction((tx) => tx.lockJob('nobody', 'exclusive'))).toBeNull();
      await ledger.close();
    }));
}
