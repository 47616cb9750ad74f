// Offsets over HTTP: a sink's positions in its target, what is set for its next run, and when that is over.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSetPositions, START_POSITIONS } from '../../src/worker/sink/sink-positions.ts';
import { LAST_TO } from '../../src/worker/source/kept-plan.ts';
import type { FakeSinkPlugin } from '../fakes/fake-plugins.ts';
import { createFakeSink, createFakeSource } from '../fakes/fake-plugins.ts';
import type { MemoryTarget } from '../fakes/memory-target.ts';
import { createMemoryTarget } from '../fakes/memory-target.ts';
import { sendJson } from './rest/send-raw.ts';
import type { TestWorker } from './test-worker.ts';
import { startTestWorker } from './test-worker.ts';

describe('offsets', () => {
  let test: TestWorker;
  let target: MemoryTarget;
  let sink: FakeSinkPlugin;
  const send = async (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown }> => {
    const answer = await sendJson(test.worker.url, method, path, body);
    return { status: answer.status, body: answer.text === '' ? null : (JSON.parse(answer.text) as unknown) };
  };
  const shown = async (name = 's'): Promise<unknown> =>
    (await send('GET', `/connectors/${name}/offsets`)).body;
  const at = (partition: number, offset: number): unknown => ({
    partition: { kafka_partition: partition, kafka_topic: 'g-topic' },
    offset: { kafka_offset: offset },
  });
  const begin = async (taskId: string, next: number): Promise<number> => {
    const begun = await target
      .openLedger()
      .begin({ job: 'connect:s', taskId, digest: '', mode: 'full', byHand: true });
    const epoch = begun.kind === 'begun' ? begun.epoch : 0;
    const position = { topic: 'g-topic', partition: 0, next, logIncarnation: 'log' };
    await target.openStore().transaction((tx) => tx.addPartition({ job: 'connect:s', epoch }, position));
    return epoch;
  };

  beforeAll(async () => {
    target = createMemoryTarget();
    sink = createFakeSink(target);
    test = await startTestWorker({ plugins: [sink, createFakeSource()] });
    const config = { 'connector.class': 'FakeSink', topics: 'g-topic', 'connection.password': 'p' };
    await send('POST', '/connectors', { name: 's', config, initial_state: 'STOPPED' });
    await send('POST', '/connectors', {
      name: 'src',
      config: { 'connector.class': 'FakeSource', 'connection.password': 'p' },
      initial_state: 'STOPPED',
    });
  });
  afterAll(() => test.close());

  it('of a sink are its positions in the target', async () => {
    expect(await shown()).toEqual({ offsets: [] });
    await begin('t1', 6);
    expect(await shown()).toEqual({ offsets: [at(0, 6)] });
  });

  it('that were set hold for the run that begins next, and are over with it', async () => {
    expect(await send('PATCH', '/connectors/s/offsets', { offsets: [at(0, 2)] })).toMatchObject({
      status: 200,
    });
    expect(await shown()).toEqual({ offsets: [at(0, 2)] });
    const note = await test.notes.read('s', START_POSITIONS);
    expect(readSetPositions(note, 1)).toMatchObject([{ topic: 'g-topic', partition: 0, next: 2 }]);
    const epoch = await begin('t2', 9);
    expect(epoch).toBe(2);
    expect(readSetPositions(note, epoch - 1)).toHaveLength(1);
    expect(readSetPositions(note, epoch)).toEqual([]);
    expect(await shown()).toEqual({ offsets: [at(0, 9)] });
  });

  it('that were reset are the start of the log, also for partitions that no run reached', async () => {
    expect((await send('DELETE', '/connectors/s/offsets')).status).toBe(200);
    expect(await shown()).toEqual({ offsets: [] });
    expect(readSetPositions(await test.notes.read('s', START_POSITIONS), 2)).toEqual([
      { topic: 'g-topic', partition: 0, next: null, epoch: 2 },
    ]);
    await send('PATCH', '/connectors/s/offsets', { offsets: [at(0, 1)] });
    expect(await shown()).toEqual({ offsets: [at(0, 1)] });
  });

  it('are set all or not at all', async () => {
    const answer = await send('PATCH', '/connectors/s/offsets', { offsets: [at(0, 7), at(99, 1)] });
    expect(answer.status).toBe(500);
    expect(await shown()).toEqual({ offsets: [at(0, 1)] });
  });

  it('are not changed while the connector is to run', async () => {
    await send('PUT', '/connectors/s/resume');
    for (const method of ['PATCH', 'DELETE'])
      expect(await send(method, '/connectors/s/offsets', { offsets: [at(0, 7)] })).toMatchObject({
        status: 400,
      });
    await send('PUT', '/connectors/s/stop');
    expect((await send('DELETE', '/connectors/s/offsets')).status).toBe(200);
  });

  it('of a target that is away are an error that says so, not an empty list', async () => {
    sink.away = true;
    for (const method of ['GET', 'DELETE'])
      expect(await send(method, '/connectors/s/offsets')).toEqual({
        status: 500,
        body: {
          error_code: 500,
          message:
            'Failed to retrieve consumer group offsets for sink connector s: connecting to the target: connection refused',
        },
      });
    sink.away = false;
    expect(sink.open).toBe(0);
  });

  it('of a source are how far its last run by hand came', async () => {
    const position = (position: string | null): unknown => ({
      offsets: [{ partition: { connector: 'src' }, offset: position === null ? null : { position } }],
    });
    expect(await shown('src')).toEqual({ offsets: [] });
    await send('PATCH', '/connectors/src/offsets', position('1700000000000'));
    expect(await shown('src')).toEqual(position('1700000000000'));
    expect(await test.notes.read('src', LAST_TO)).toBe('1700000000000');
    for (const [said, reason] of [
      ['99999999999999', 'is wrong: 99999999999999 is still to come'],
      ['soon', "is wrong: 'soon' is no whole number"],
    ] as const)
      expect(await send('PATCH', '/connectors/src/offsets', position(said))).toMatchObject({
        status: 500,
        body: { message: `The value for the 'position' key in the offset ${reason}` },
      });
    await send('PATCH', '/connectors/src/offsets', position(null));
    expect(await shown('src')).toEqual({ offsets: [] });
  });

  it('outlive the connector and the worker', async () => {
    await test.notes.write('src', LAST_TO, '5');
    await send('DELETE', '/connectors/src');
    test = await test.restart();
    expect(await test.notes.read('src', LAST_TO)).toBe('5');
    expect((await send('GET', '/connectors/src/offsets')).status).toBe(404);
    expect((await send('GET', '/connectors')).body).toEqual(['s']);
  });
});
