// What stands between an HBase target and a task that is late: rows that arrive after newer ones must not show.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { readSinkConfig } from '../../connectors/hbase/sink/sink-config.ts';
import { openSinkStore } from '../../connectors/hbase/sink/sink-store.ts';
import type { SinkStore } from '../../src/core/connector/sink-store.ts';
import type { RunKey } from '../../src/core/ledger/ledger.ts';
import type { HbaseSinkBed } from '../support/hbase-sink-bed.ts';
import { batchOf, beginRun, newTableName, noSignal, pairs, requestOf } from './sink-bed.ts';

/** A task whose rows reach HBase only when it is told: everything before and behind that goes on as usual. */
class LateClient extends HBaseClient {
  readonly #table: string;
  readonly #arrived: () => void;
  readonly arrives: Promise<void>;
  release: () => void = () => undefined;
  readonly #released = new Promise<void>((resolve) => (this.release = resolve));

  constructor(table: string, options: ConstructorParameters<typeof HBaseClient>[0]) {
    super(options);
    let arrived: () => void = () => undefined;
    this.arrives = new Promise((resolve) => (arrived = resolve));
    this.#arrived = arrived;
    this.#table = table;
  }

  override async mutateBlock(...call: Parameters<HBaseClient['mutateBlock']>): Promise<void> {
    if (call[0] === this.#table) {
      this.#arrived();
      await this.#released;
    }
    return super.mutateBlock(...call);
  }
}

const topic = { topic: 't', partition: 0 };

export function describeZombies(name: string, openBed: () => Promise<HbaseSinkBed>): void {
  describe(`a late task on ${name}`, () => {
    let bed: HbaseSinkBed;
    beforeAll(async () => {
      bed = await openBed();
    });
    afterAll(() => bed.close());

    const setup = async (): Promise<{ table: string; key: RunKey; late: LateClient; slow: SinkStore }> => {
      const table = newTableName();
      const config = bed.configOf(table);
      const key = await beginRun(bed, config);
      const settings = readSinkConfig(config);
      const late = new LateClient(table, { cluster: settings.cluster });
      const slow = openSinkStore(settings, noSignal, late);
      await slow.prepareTable(pairs);
      await slow.transaction((tx) => tx.addPartition(key, { ...topic, next: 0, logIncarnation: 'log' }));
      return { table, key, late, slow };
    };
    const openStore = async (table: string): Promise<SinkStore> => {
      const store = await bed.plugin.openStore(bed.configOf(table), noSignal);
      await store.prepareTable(pairs);
      return store;
    };
    const write = (store: SinkStore, key: RunKey, unit: { from: number; to: number; value: string }) =>
      store.transaction(async (tx) => {
        const job = await tx.lockJob(key.job, 'shared');
        if (job?.epoch !== key.epoch) throw new Error('fenced');
        if (!(await tx.movePartition(key, { ...topic, from: unit.from, to: unit.to }))) return 'moved';
        await tx.writeRows(batchOf([['a', unit.value]]));
        return 'written';
      });

    it('of a fenced run, shows nothing over a newer run, and commits nothing', async () => {
      const { table, key, late, slow } = await setup();
      const written = write(slow, key, { from: 0, to: 1, value: 'old' });
      await late.arrives;
      const ledger = await bed.plugin.openLedger(bed.configOf(table));
      const begun = await ledger.begin(requestOf(key.job, 'task-2'));
      const next = { job: key.job, epoch: begun.kind === 'begun' ? begun.epoch : 0 };
      const store = await openStore(table);
      await store.transaction((tx) => tx.addPartition(next, { ...topic, next: 0, logIncarnation: 'log' }));
      expect(await write(store, next, { from: 0, to: 1, value: 'new' })).toBe('written');
      late.release();
      await expect(written).rejects.toThrow('fenced');
      expect(await bed.readRows(table, ['id', 'value'])).toEqual([['a', 'new']]);
      await Promise.all([store.close(), slow.close(), ledger.close()]);
    });

    it('of the same run, shows nothing over later records of its partition', async () => {
      const { table, key, late, slow } = await setup();
      const written = write(slow, key, { from: 0, to: 1, value: 'old' });
      await late.arrives;
      const store = await openStore(table);
      expect(await write(store, key, { from: 0, to: 1, value: 'old' })).toBe('written');
      expect(await write(store, key, { from: 1, to: 2, value: 'new' })).toBe('written');
      late.release();
      expect(await written).toBe('moved');
      expect(await bed.readRows(table, ['id', 'value'])).toEqual([['a', 'new']]);
      await Promise.all([store.close(), slow.close()]);
    });

    it('that claimed last at a position takes it, and who was before writes again behind it', async () => {
      const { table, key, late, slow } = await setup();
      const first = write(slow, key, { from: 0, to: 1, value: 'small' });
      await late.arrives;
      const settings = readSinkConfig(bed.configOf(table));
      const laterClient = new LateClient(table, { cluster: settings.cluster });
      const later = openSinkStore(settings, noSignal, laterClient);
      await later.prepareTable(pairs);
      const second = write(later, key, { from: 0, to: 5, value: 'large' });
      await laterClient.arrives;
      late.release();
      // The first was overtaken by a claim: it claims again, and its rows stand above what the second is about to write.
      expect(await first).toBe('written');
      laterClient.release();
      expect(await second).toBe('moved');
      expect(await bed.readRows(table, ['value'])).toEqual([['small']]);
      await Promise.all([later.close(), slow.close()]);
    });
  });
}
