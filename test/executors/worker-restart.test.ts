// What becomes of a run whose Connect worker restarts.
import { describe, expect, test } from 'vitest';
import { SyncError } from '../../src/core/errors.ts';
import type { Bundle } from './setup-executor.ts';
import { NAMES, setupExecutor, T0 } from './setup-executor.ts';

const WINDOW_TO = String(T0 - 2_000);

describe('a worker that restarts', () => {
  async function restart(bundle: Bundle): Promise<void> {
    bundle.cluster.incarnation = 'worker-2';
    for (const connector of bundle.cluster.connectors.values()) {
      connector.state = 'STOPPED';
      connector.tasks = [];
    }
    bundle.cluster.writes.length = 0;
    await bundle.clock.advance(6_000);
  }

  test('on the same Kafka log gets its connectors resumed, and the run goes on', async () => {
    const bundle = await setupExecutor({ logKind: 'kafka' });
    const run = await bundle.goingRun();
    await restart(bundle);
    expect(bundle.cluster.writes).toEqual([`resume ${NAMES.sink}`, `resume ${NAMES.source}`]);
    await bundle.complete(WINDOW_TO);
    await bundle.say(run, 'sink', 'end', { repeat: true });
    await bundle.clock.advance(0);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'succeeded' });
  });

  test('with a memory log has lost the run', async () => {
    const bundle = await setupExecutor({ logKind: 'memory' });
    const run = await bundle.goingRun();
    await restart(bundle);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'lost', reason: { code: 'WORKER_LOST' } });
  });

  test('on a topic that was made again has lost the run', async () => {
    const bundle = await setupExecutor({ logKind: 'kafka' });
    const run = await bundle.goingRun();
    bundle.log.topics.set('data_orders', { incarnation: 'another', ends: [0, 0, 0, 0] });
    await restart(bundle);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'lost', reason: { code: 'WORKER_LOST' } });
  });

  test('that is away for a while does not end the run', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await bundle.say(run, 'source', 'start');
    await bundle.say(run, 'sink', 'start');
    bundle.cluster.failure = new SyncError('CONNECT_UNREACHABLE', { message: 'refused' });
    await bundle.clock.advance(60_000);
    bundle.cluster.failure = null;
    await restart(bundle);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running' });
    expect(bundle.cluster.writes).toContain(`resume ${NAMES.source}`);
  });
});
