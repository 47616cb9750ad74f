// Rescue on a real store (SQLite in memory) and a clock that is moved by hand.
import { afterEach, describe, expect, it } from 'vitest';
import { createRescue, createRescueRound } from '../../scheduler/rescue.ts';
import type { Run } from '../../src/core/run.ts';
import { firesAt, sampleJob, sampleRun } from '../support/sample-job.ts';
import { waitUntil } from '../support/wait-until.ts';
import { closeAll, noExecutor, setup, T } from './setup-scheduler.ts';

afterEach(closeAll);

describe('rescue', () => {
  it('hands each run whose lease ran out to the executors once, until they are done with it', async () => {
    const { parts, newJob, store, clock, events } = await setup();
    const job = await newJob('job', null);
    const { run } = await store.runs.create(job.id, sampleRun(T));
    await store.runs.claim({ id: run.id, owner: 'dead', leaseMs: 10_000 });
    const handed: string[] = [];
    let fail: (error: Error) => void = () => undefined;
    const onExpired = ({ id }: Run): Promise<void> => {
      handed.push(id);
      return new Promise((_, reject) => (fail = reject));
    };
    const round = createRescueRound({ ...parts, ...noExecutor, onExpired });
    clock.set(T + 9_999);
    await round();
    expect(handed).toEqual([]);
    clock.set(T + 10_000);
    await round();
    await round();
    expect(handed).toEqual([run.id]);
    fail(new Error('target away'));
    await waitUntil('the failure is told', () => events.some(({ type }) => type === 'service.failed'));
    await round();
    expect(handed).toEqual([run.id, run.id]);
  });

  it('offers a run to the executor beside it, so that none waits for a queue that is away', async () => {
    const { parts, newJob, store, clock, queue } = await setup();
    const offered: string[] = [];
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      const job = await newJob(name, null);
      ids.push((await store.runs.create(job.id, sampleRun(T))).run.id);
    }
    const onQueued = ({ id }: Run): boolean => offered.push(id) <= 2;
    clock.set(T + 1_000);
    await createRescueRound({ ...parts, ...noExecutor, onQueued })();
    expect(offered).toEqual(ids);
    // What it had no room for is left to others.
    expect(queue.woken).toEqual(ids.slice(2));
  });

  it('does not wake a run that cannot be claimed because its job is busy', async () => {
    const { parts, newJob, store, clock, queue } = await setup();
    const job = await newJob('job', null);
    const { run } = await store.runs.create(job.id, sampleRun(T));
    await store.runs.create(job.id, sampleRun(T + 1));
    await store.runs.claim({ id: run.id, owner: 'a', leaseMs: 60_000 });
    clock.set(T + 5_000);
    await createRescueRound({ ...parts, ...noExecutor })();
    expect(queue.woken).toEqual([]);
  });

  it('says that its executor is there, now and then, and offers it no run for which another was chosen', async () => {
    const { parts, newJob, store, clock, queue } = await setup();
    const job = await newJob('job', null);
    const { run: mine } = await store.runs.create(job.id, sampleRun(T, { executor: 'here' }));
    await store.runs.create((await newJob('other', null)).id, sampleRun(T, { executor: 'elsewhere' }));
    const offered: string[] = [];
    const onQueued = ({ id }: Run): boolean => offered.push(id) > 0;
    const round = createRescueRound({ ...parts, ...noExecutor, onQueued });
    const seen: number[] = [];
    for (let n = 1; n <= 25; n++) {
      clock.set(T + n * 2_000);
      await round();
      seen.push((await store.executors.list())[0]?.seenAt ?? 0);
    }
    expect([...new Set(seen)]).toEqual([T + 2_000, T + 22_000, T + 42_000]);
    expect([...new Set(offered)]).toEqual([mine.id]);
    expect(queue.woken).toEqual([]);
    clock.set(T + 102_000);
    expect(await store.executors.list()).toEqual([{ name: 'here', seenAt: T + 42_000, here: false }]);
  });

  it('leaves alone what waits for a limit, however long, until a place is free, also that of a holder that died', async () => {
    const { parts, store, clock, queue } = await setup();
    const audit = { actor: 'admin', action: 'limit.set', object: 'label x', detail: '' };
    await store.limits.set({ kind: 'label', name: 'x', max: 1 }, audit);
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      const job = await store.jobs.create(sampleJob(name, { labels: ['x'] }), firesAt(null));
      ids.push((await store.runs.create(job.id, sampleRun(T))).run.id);
    }
    const [first = '', second = ''] = ids;
    await store.runs.claim({ id: first, owner: 'killed', leaseMs: 10_000 });
    const offered: string[] = [];
    const onQueued = ({ id }: Run): boolean => offered.push(id) > 0;
    const onExpired = async ({ id }: Run): Promise<void> => {
      await store.runs.takeOver({ id, owner: 'other', leaseMs: 10_000 });
      await store.runs.finish({ id, owner: 'other', state: 'lost', reason: null, report: null });
    };
    const round = createRescueRound({ ...parts, onQueued, onExpired });
    for (let n = 1; n < 10; n++) {
      clock.set(T + n * 1_000);
      await round();
    }
    expect(offered).toEqual([]);
    clock.set(T + 10_000);
    await round();
    await waitUntil('the run of the holder is over', async () => (await store.limits.list())[0]?.going === 0);
    await round();
    expect(offered).toEqual([second]);
    expect(queue.woken).toEqual([]);
  });

  it('wakes a retry when its delay is over', async () => {
    const { parts, newJob, store, start, pass, queue } = await setup();
    const job = await newJob('job', null);
    const { run } = await store.runs.create(job.id, sampleRun(T, { notBefore: T + 10_000 }));
    await start(createRescue({ ...parts, ...noExecutor }));
    await pass(10_900);
    expect(queue.woken).toEqual([]);
    await pass(3_000);
    expect(queue.woken).toContain(run.id);
  });
});
