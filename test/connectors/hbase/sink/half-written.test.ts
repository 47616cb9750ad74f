// A task that dies between the rows of a unit and its commit, and a run that is aborted then: its rows are the job's own.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HBaseClient } from '../../../../connectors/hbase/client/client.ts';
import { readSinkConfig } from '../../../../connectors/hbase/sink/sink-config.ts';
import { hbaseSink } from '../../../../connectors/hbase/sink/sink-connector.ts';
import { openSinkStore } from '../../../../connectors/hbase/sink/sink-store.ts';
import type { SinkPlugin } from '../../../../src/core/connector/contract.ts';
import { openDoubleBed } from '../../../support/double-bed.ts';
import type { DoubleBed } from '../../../support/double-bed.ts';
import { openDoubleSinkBed } from '../../../support/hbase-sink-bed.ts';
import type { HbaseSinkBed } from '../../../support/hbase-sink-bed.ts';
import { openRepeatedRuns } from '../../../support/repeated-runs.ts';

/** Its rows arrive, and nothing after them. */
class DyingClient extends HBaseClient {
  #isDead = false;

  override async mutateBlock(...call: Parameters<HBaseClient['mutateBlock']>): Promise<void> {
    await super.mutateBlock(...call);
    this.#isDead = true;
  }

  override checkAndMutate(...call: Parameters<HBaseClient['checkAndMutate']>): Promise<boolean> {
    if (this.#isDead) return Promise.reject(new Error('the task died'));
    return super.checkAndMutate(...call);
  }
}

const dying: SinkPlugin = {
  ...hbaseSink,
  openStore: (config, signal) => {
    const settings = readSinkConfig(config);
    return Promise.resolve(openSinkStore(settings, signal, new DyingClient({ cluster: settings.cluster })));
  },
};

describe.each([
  ['in one unit', 20_000],
  ['in units of a row', 1],
])('rows that were put and never committed, %s', (_where, unitRows) => {
  let bed: DoubleBed;
  let target: HbaseSinkBed;
  beforeAll(async () => {
    bed = await openDoubleBed();
    target = await openDoubleSinkBed();
  });
  afterAll(async () => {
    await bed.close();
    await target.close();
  });

  const setup = async () => {
    const runs = await openRepeatedRuns({ ...bed, target });
    await runs.put({ a: '1', b: '2', c: '3' });
    expect(await runs.run({ unitRows })).toEqual([]);
    return runs;
  };
  const dies = { sink: dying, unitRows };

  it('raise no doubt in the run that writes them again', async () => {
    const { table, put, run } = await setup();
    await put({ b: 'new' });
    await expect(run(dies)).rejects.toThrow('the task died');
    expect(await run({ unitRows })).toEqual([]);
    expect(await run({ unitRows })).toEqual([]);
    expect(await target.readRows(table, ['a'])).toEqual([['1'], ['new'], ['3']]);
  });

  it('raise none when they were removals', async () => {
    const { table, act, run } = await setup();
    await act('row', 'b');
    await expect(run(dies)).rejects.toThrow('the task died');
    expect(await run({ unitRows })).toEqual([]);
    expect(await target.readRows(table, ['a'])).toEqual([['1'], ['3']]);
  });

  it('do not hide that somebody else changed a row before them', async () => {
    const { table, put, run } = await setup();
    const config = target.configOf(table);
    const place = readSinkConfig(config).cluster;
    const somebody = new HBaseClient({ cluster: place });
    const cell = { row: Buffer.from('c'), family: Buffer.from('f'), qualifier: Buffer.from('a') };
    const now = BigInt(Date.now() + 5);
    await somebody.mutateRows(table, [
      {
        kind: 'put',
        row: cell.row,
        cells: [{ ...cell, timestamp: now, type: 'put', value: Buffer.from('?') }],
      },
    ]);
    somebody.close();
    await put({ b: 'new' });
    await expect(run(dies)).rejects.toThrow('the task died');
    expect((await run({ unitRows })).join()).toContain('hold');
  });
});
