// The pool's side of its lanes: slots go from lane to lane, and nothing is kept of tasks that are over. Lanes are played by hand.
import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { shapeOf } from '../../src/core/errors.ts';
import type { SynclineEvent } from '../../src/core/events.ts';
import { LanePool } from '../../src/worker/lanes/lane-pool.ts';
import type { FromLane, ToLane } from '../../src/worker/lanes/lane-protocol.ts';
import { LaneSlots } from '../../src/worker/lanes/lane-slots.ts';
import type { OffsetStore } from '../../src/worker/control/offset-store.ts';
import type { TaskStart } from '../../src/worker/control/task-host.ts';
import { createMemoryTarget } from '../fakes/memory-target.ts';
import { createFakeSink, createFakeSource } from '../fakes/fake-plugins.ts';

/** A lane that does nothing but what the test makes it say. */
class FakeLane extends EventEmitter {
  readonly told: ToLane[] = [];

  postMessage(message: ToLane): void {
    this.told.push(message);
  }

  terminate(): Promise<number> {
    this.emit('exit', 1);
    return Promise.resolve(1);
  }

  say(message: FromLane): void {
    this.emit('message', message);
  }

  granted(): readonly number[] {
    return this.told.flatMap((message) => (message.type === 'granted' ? [message.ask] : []));
  }
}

const signal = new AbortController().signal;
const request = { server: 'rs:1', cluster: 'c', perServer: 9 };

function setup() {
  const lanes: FakeLane[] = [];
  const events: SynclineEvent[] = [];
  const pool = new LanePool({
    lanes: 2,
    slots: { perServer: 1, perCluster: 9 },
    spawn: () => {
      const lane = new FakeLane();
      lanes.push(lane);
      return lane as unknown as Worker;
    },
    notes: {} as OffsetStore,
    publish: () => Promise.resolve(),
    emit: (event) => events.push(event),
  });
  const failures: string[] = [];
  const start = (connector: string, more: Partial<TaskStart> = {}) =>
    pool.start(
      {
        connector,
        task: 0,
        plugin: createFakeSource(),
        config: {},
        generation: 1,
        sourceFailure: () => null,
        signal,
        ...more,
      },
      { onFailed: () => failures.push(connector) },
    );
  return { lanes, failures, start, pool, events };
}

describe('a pool of lanes', () => {
  it('gives the slots of a lane that died to the tasks of another', async () => {
    const { lanes, failures, start } = setup();
    await start('one');
    await start('two');
    const [first, second] = lanes;
    first?.say({ type: 'take', id: 1, ask: 1, request });
    second?.say({ type: 'take', id: 2, ask: 7, request });
    expect([first?.granted(), second?.granted()]).toEqual([[1], []]);
    await first?.terminate();
    expect([second?.granted(), failures]).toEqual([[7], ['one']]);
  });

  it('gives on the slots of a task that failed or was stopped, and hears nothing of it any more', async () => {
    const { lanes, failures, start } = setup();
    await start('one');
    const handle = await start('two');
    await start('three');
    const [first, second] = lanes;
    first?.say({ type: 'take', id: 1, ask: 1, request });
    second?.say({ type: 'take', id: 2, ask: 1, request });
    first?.say({ type: 'take', id: 3, ask: 2, request });
    first?.say({ type: 'failed', id: 1, error: shapeOf('INTERNAL', 'broken'), trace: 'broken' });
    expect([second?.granted(), failures]).toEqual([[1], ['one']]);
    const stopped = handle.stop();
    second?.say({ type: 'stopped', id: 2 });
    await stopped;
    expect(first?.granted()).toEqual([1, 2]);
    first?.say({ type: 'take', id: 1, ask: 3, request: { ...request, server: 'rs:2' } });
    expect(first?.granted()).toEqual([1, 2]);
  });

  it('starts a task in the lane with the fewest, of which those that failed are none', async () => {
    const { lanes, start } = setup();
    for (const name of ['one', 'two', 'three']) await start(name);
    const [first, second] = lanes;
    first?.say({ type: 'failed', id: 1, error: shapeOf('INTERNAL', 'broken'), trace: 'broken' });
    first?.say({ type: 'failed', id: 3, error: shapeOf('INTERNAL', 'broken'), trace: 'broken' });
    await start('four');
    const started = (lane: FakeLane | undefined) =>
      lane?.told.flatMap((message) => (message.type === 'start' ? [message.task.connector] : []));
    expect([started(first), started(second)]).toEqual([['one', 'three', 'four'], ['two']]);
  });
});

describe('a source that fails', () => {
  const sink = createFakeSink(createMemoryTarget());
  const error = shapeOf('SOURCE_SCHEMA', 'no such table');
  const run = { 'pkuse.task.id': 'R' };

  it('is told to the sinks of its run by hand, and to no others', async () => {
    const { lanes, start } = setup();
    await start('source', { config: run });
    await start('its sink', { plugin: sink, config: { 'pkuse.task.id': ' R ' } });
    await start("a job's", { plugin: sink, config: { ...run, 'syncline.job': 'J' } });
    await start('a sink without a run');
    await start('another', { plugin: sink });
    lanes[0]?.say({ type: 'failed', id: 1, error, trace: '' });
    expect(lanes.flatMap(({ told }) => told).filter(({ type }) => type === 'source-failed')).toEqual([
      { type: 'source-failed', id: 2, error },
    ]);
  });

  it('without a task id leaves other sinks without one alone', async () => {
    const { lanes, start } = setup();
    await start('source');
    await start('foreign', { plugin: sink });
    lanes[0]?.say({ type: 'failed', id: 1, error, trace: '' });
    expect(lanes[1]?.told.map(({ type }) => type)).toEqual(['start']);
  });

  it('before its sink is started, or goes on after a pause, is told then', async () => {
    const { lanes, start } = setup();
    let failure: typeof error | null = error;
    const handle = await start('sink', { plugin: sink, config: run, sourceFailure: () => failure });
    const paused = handle.pause();
    lanes[0]?.say({ type: 'stopped', id: 1 });
    await paused;
    failure = null;
    await handle.resume();
    expect(lanes[0]?.told.map(({ type, id }: ToLane & { id?: number }) => `${type} ${id}`)).toEqual([
      'start 1',
      'source-failed 1',
      'stop 1',
      'start 2',
    ]);
  });
});

describe('a lane whose thread ends', () => {
  it('fails each of its tasks so that it is tried again, says who was with it, and leaves other lanes alone', async () => {
    const { lanes, failures, start, events } = setup();
    for (const name of ['one', 'two', 'three']) await start(name);
    lanes[0]?.emit('error', new TypeError('x is not a function'));
    lanes[0]?.emit('exit', 1);
    expect(failures).toEqual(['one', 'three']);
    expect(events).toMatchObject([
      { type: 'task.failed', connector: 'one', code: 'WORKER_LOST' },
      { type: 'task.failed', connector: 'three', code: 'WORKER_LOST' },
    ]);
    const traces = events.map((event) => (event.type === 'task.failed' ? event.trace : ''));
    expect(traces[0]).toContain('running one: the lane thread that ran it beside three ended');
    expect(traces[0]).toContain('x is not a function');
  });

  it('because the pool is closed ends what waits for a stop', async () => {
    const { start, pool } = setup();
    const handle = await start('one');
    const stopped = handle.stop();
    await pool.close();
    await stopped;
  });
});

describe('the slots that a lane asks for', () => {
  it('are given back after the work, failed work too', async () => {
    const said: FromLane[] = [];
    const slots = new LaneSlots((message) => said.push(message));
    const work = slots.of(4).run(request, signal, () => Promise.reject(new Error('broken')));
    expect(said).toEqual([{ type: 'take', id: 4, ask: 1, request }]);
    slots.granted(1);
    await expect(work).rejects.toThrow('broken');
    expect(said.at(-1)).toEqual({ type: 'give', id: 4, ask: 1 });
  });

  it('are not waited for any more when the task is cancelled, and its work is not begun', async () => {
    const said: FromLane[] = [];
    const slots = new LaneSlots((message) => said.push(message));
    const stop = new AbortController();
    const work = slots.of(4).run(request, stop.signal, () => Promise.resolve('begun'));
    stop.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
    expect(said.at(-1)).toEqual({ type: 'give', id: 4, ask: 1 });
    slots.granted(1);
  });
});
