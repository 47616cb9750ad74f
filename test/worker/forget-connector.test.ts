// What a sink connector that ran by hand leaves in its target when it is deleted: nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAST_POSITIONS } from '../../src/worker/sink/sink-ledger.ts';
import type { FakeSinkPlugin } from '../fakes/fake-plugins.ts';
import { createFakeSink } from '../fakes/fake-plugins.ts';
import type { MemoryTarget } from '../fakes/memory-target.ts';
import { createMemoryTarget } from '../fakes/memory-target.ts';
import { waitUntil } from '../support/wait-until.ts';
import { sendJson } from './rest/send-raw.ts';
import type { TestWorker } from './test-worker.ts';
import { startTestWorker } from './test-worker.ts';

describe('a deleted sink connector', () => {
  let test: TestWorker;
  let target: MemoryTarget;
  let sink: FakeSinkPlugin;
  beforeAll(async () => {
    target = createMemoryTarget();
    sink = createFakeSink(target);
    test = await startTestWorker({ plugins: [sink] });
  });
  afterAll(() => test.close());

  const create = (name: string, more: Record<string, string> = {}) =>
    sendJson(test.worker.url, 'POST', '/connectors', {
      name,
      config: { 'connector.class': 'FakeSink', topics: 'g-topic', 'connection.password': 'p', ...more },
      initial_state: 'STOPPED',
    });
  const remove = async (name: string): Promise<number> =>
    (await sendJson(test.worker.url, 'DELETE', `/connectors/${name}`)).status;
  /** As its task begins a run by hand, and comes to offset 6. */
  const begin = async (name: string, job = `connect:${name}`): Promise<void> => {
    await test.notes.write(name, LAST_POSITIONS, '[]');
    const begun = await target
      .openLedger()
      .begin({ job, taskId: 't', digest: '', mode: 'full', byHand: true });
    const epoch = begun.kind === 'begun' ? begun.epoch : 0;
    const position = { topic: 'g-topic', partition: 0, next: 6, logIncarnation: 'log' };
    await target.openStore().transaction((tx) => tx.addPartition({ job, epoch }, position));
  };

  it('takes the rows of its runs by hand with it; where it stood is kept for one of its name', async () => {
    await create('s');
    await begin('s');
    expect(await remove('s')).toBe(204);
    await waitUntil(
      'the ledger forgets it',
      async () => (await target.openLedger().readJob('connect:s')) === null,
    );
    expect(JSON.parse((await test.notes.read('s', LAST_POSITIONS)) ?? '')).toMatchObject([{ next: 6 }]);
    await waitUntil('the ledger is closed', () => sink.open === 0);
  });

  it('of a job leaves the rows to the job', async () => {
    const target2 = target.openLedger();
    await create('of-a-job', { 'syncline.job': 'connect:of-a-job', 'syncline.epoch': '1' });
    await begin('of-a-job');
    await remove('of-a-job');
    await create('of-a-job');
    // The second connector of the name waits for what the first one's deletion clears up.
    await waitUntil('it is there again', async () => {
      const { status } = await sendJson(test.worker.url, 'GET', '/connectors/of-a-job/status');
      return status === 200;
    });
    expect(await target2.readJob('connect:of-a-job')).not.toBeNull();
    await target2.remove('connect:of-a-job');
  });

  it('goes although its target can not be reached, and it is said what stayed', async () => {
    await create('far');
    await begin('far');
    sink.away = true;
    expect(await remove('far')).toBe(204);
    await waitUntil('it is said', () =>
      test.events.some(
        (event) => event.type === 'service.failed' && event.service === 'clearing up behind far',
      ),
    );
    sink.away = false;
  });

  it("takes its notes with it when it was a job's: its name is never used again", async () => {
    const job = { 'syncline.job': 'j', 'syncline.epoch': '1', 'pkuse.task.id': 't' };
    await create('of-job', job);
    await test.notes.write('of-job', 'plan', 'x');
    expect(await remove('of-job')).toBe(204);
    await waitUntil('its notes are gone', async () => (await test.notes.read('of-job', 'plan')) === null);
  });
});
