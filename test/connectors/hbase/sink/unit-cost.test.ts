// What a unit costs at the ledger of an HBase target: the same at ten splits and at ten thousand, and after many runs.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HBaseClient } from '../../../../connectors/hbase/client/client.ts';
import { readSinkConfig } from '../../../../connectors/hbase/sink/sink-config.ts';
import { openSinkStore } from '../../../../connectors/hbase/sink/sink-store.ts';
import type { SinkStore } from '../../../../src/core/connector/sink-store.ts';
import type { RunKey } from '../../../../src/core/ledger/ledger.ts';
import { batchOf, newTableName, noSignal, pairs, requestOf, splitOf } from '../../../conformance/sink-bed.ts';
import type { HbaseSinkBed } from '../../../support/hbase-sink-bed.ts';
import { openDoubleSinkBed } from '../../../support/hbase-sink-bed.ts';

/** Counts what it gets and changes of one table. */
class CountingClient extends HBaseClient {
  bytesRead = 0;
  cellsWritten = 0;
  readonly #table: string;

  constructor(table: string, options: ConstructorParameters<typeof HBaseClient>[0]) {
    super(options);
    this.#table = table;
  }

  override async getRows(...call: Parameters<HBaseClient['getRows']>): ReturnType<HBaseClient['getRows']> {
    const found = await super.getRows(...call);
    if (call[0] === this.#table) for (const { start, end } of found.rows) this.bytesRead += end - start;
    return found;
  }

  override checkAndMutate(...call: Parameters<HBaseClient['checkAndMutate']>): Promise<boolean> {
    if (call[0] === this.#table) for (const { cells } of call[1].mutations) this.cellsWritten += cells.length;
    return super.checkAndMutate(...call);
  }
}

const topic = { topic: 't', partition: 0 };

describe('a unit at the ledger of an HBase target', () => {
  let bed: HbaseSinkBed;
  beforeAll(async () => {
    bed = await openDoubleSinkBed();
  });
  afterAll(() => bed.close());

  const open = async (run: {
    splits: number;
    runs: number;
  }): Promise<{ key: RunKey; client: CountingClient; store: SinkStore }> => {
    const table = newTableName();
    const config = bed.configOf(table);
    const job = `job of ${table}`;
    const ledger = await bed.plugin.openLedger(config);
    for (let at = 1; at < run.runs; at += 1) await ledger.begin(requestOf(job, `task-${at}`));
    const begun = await ledger.begin(requestOf(job, 'the task'));
    await ledger.close();
    const key = { job, epoch: begun.kind === 'begun' ? begun.epoch : 0 };
    const settings = readSinkConfig(config);
    const client = new CountingClient(settings.ledgerTable, { cluster: settings.cluster });
    const store = openSinkStore(settings, noSignal, client);
    await store.prepareTable(pairs);
    await store.transaction(async (tx) => {
      await tx.addPartition(key, { ...topic, next: 100, logIncarnation: 'log' });
      for (let split = run.splits - 1; split >= 0; split -= 1) await tx.putSplit(key, splitOf(split));
    });
    return { key, client, store };
  };

  const writeUnits = async (store: SinkStore, key: RunKey): Promise<void> => {
    for (let from = 100; from < 110; from += 1) {
      const ended = await store.transaction(async (tx) => {
        expect(await tx.lockJob(key.job, 'exclusive')).toMatchObject({ epoch: key.epoch });
        expect(await tx.movePartition(key, { ...topic, from, to: from + 1 })).toBe(true);
        expect(await tx.writeRows(batchOf([[`key ${from}`, 'x']]))).toEqual([]);
        await tx.putSplit(key, splitOf(5, { written: from }));
        await tx.addSkipped(key, 1);
        await tx.addDoubts(key, [{ en: 'a doubt', zh: '存疑' }]);
        await tx.addDirty(key, [
          {
            ...{ split: 5, attempt: 'attempt-5', stage: 'target' },
            ...{ key: 'k', field: '', reason: '' },
            bytesHex: '',
          },
        ]);
        return tx.addEnded(key);
      });
      expect(ended).toBe(from - 99);
    }
  };

  const costOf = async (run: { splits: number; runs: number }): Promise<{ bytes: number; cells: number }> => {
    const { key, client, store } = await open(run);
    const [bytes, cells] = [client.bytesRead, client.cellsWritten];
    await writeUnits(store, key);
    const cost = { bytes: client.bytesRead - bytes, cells: client.cellsWritten - cells };
    const left = await store.transaction(async (tx) => ({
      run: await tx.readRun(key),
      splits: await tx.readSplits(key),
      partitions: await tx.readPartitions(key),
    }));
    expect(left.run).toMatchObject({ counts: { written: 109, skipped: 10 } });
    expect(left.splits.map(({ split }) => split)).toEqual(Array.from({ length: run.splits }, (_, at) => at));
    expect(left.splits[5]?.written).toBe(109);
    expect(left.partitions).toEqual([{ ...topic, next: 110, logIncarnation: 'log' }]);
    await store.close();
    return cost;
  };

  it('costs the same at ten splits and at ten thousand, after one run and after sixty', async () => {
    const few = await costOf({ splits: 10, runs: 1 });
    const many = await costOf({ splits: 10_000, runs: 60 });
    expect(many.cells).toBe(few.cells);
    // Names, numbers and times may have a few digits more.
    expect(Math.abs(many.bytes - few.bytes)).toBeLessThan(few.bytes / 10);
  });
});
