// The scheduler, retention and runs by hand, on a real store (SQLite in memory) and a clock that is moved by hand.
import { afterEach, describe, expect, it } from 'vitest';
import { finishRemovals } from '../../scheduler/finish-removals.ts';
import { createRescueRound } from '../../scheduler/rescue.ts';
import { sweepOnce } from '../../scheduler/retention.ts';
import { createScheduler, runOnce } from '../../scheduler/scheduler.ts';
import { triggerRun } from '../../scheduler/trigger-run.ts';
import { shapeOf, SyncError } from '../../src/core/errors.ts';
import type { Schedule } from '../../src/core/schedule.ts';
import { everySecond, sampleRun } from '../support/sample-job.ts';
import { waitUntil } from '../support/wait-until.ts';
import { closeAll, noExecutor, nothing, queueAway, setup, T } from './setup-scheduler.ts';

afterEach(closeAll);

describe('one round of the scheduler', () => {
  it('makes the rows of due jobs, wakes their runs and sleeps until the next fire', async () => {
    const { parts, newJob, rows, queue, events, clock } = await setup();
    await newJob('due', T, { ...everySecond, cron: '0/10 * * * * ?' });
    clock.set(T + 300);
    expect(await runOnce(parts)).toBe(1_000);
    const [run] = await rows();
    expect(run).toMatchObject({ plannedAt: T, state: 'queued', notBefore: T });
    expect(queue.woken).toEqual([run?.id]);
    expect(events).toEqual([{ type: 'fires.claimed', runs: 1, skipped: 0, latenessMs: 300 }]);
    clock.set(T + 9_400);
    expect(await runOnce(parts)).toBe(600);
    expect(await rows()).toHaveLength(1);
  });

  it('wakes no skipped run', async () => {
    const { parts, newJob, rows, queue, events, clock } = await setup();
    await newJob('busy', T);
    await runOnce(parts);
    clock.set(T + 1_000);
    await runOnce(parts);
    expect((await rows()).map(({ state, reason }) => [state, reason?.code])).toEqual([
      ['queued', undefined],
      ['skipped', 'OVERLAP'],
    ]);
    expect(queue.woken).toHaveLength(1);
    expect(events.at(-1)).toEqual({ type: 'fires.claimed', runs: 0, skipped: 1, latenessMs: 0 });
  });

  it('comes back at once while more jobs are due than fit in a batch', async () => {
    const { parts, newJob, rows } = await setup();
    for (let n = 0; n < 201; n++) await newJob(`job ${n}`, T);
    expect(await runOnce(parts)).toBe(0);
    expect(await rows()).toHaveLength(200);
    expect(await runOnce(parts)).toBe(1_000);
    expect(await rows()).toHaveLength(201);
  });

  it('keeps the rows when the queue is away; rescue wakes them later', async () => {
    const { parts, newJob, rows, events, clock, queue } = await setup();
    await newJob('due', T);
    await runOnce({ ...parts, queue: queueAway });
    const [run] = await rows();
    expect(run?.state).toBe('queued');
    expect(events.at(-1)).toMatchObject({
      type: 'service.failed',
      service: 'queue',
      error: { code: 'QUEUE_UNREACHABLE' },
    });
    const round = createRescueRound({ ...parts, ...noExecutor });
    clock.set(T + 500);
    await round();
    expect(queue.woken).toEqual([]);
    clock.set(T + 1_000);
    await round();
    expect(queue.woken).toEqual([run?.id]);
  });
});

describe('the scheduler', () => {
  it('fires a job each second in its second, with one sleep at a time for all jobs', async () => {
    const { parts, newJob, rows, start, pass, clock, events } = await setup();
    const schedule: Schedule = { ...everySecond, overlap: 'queue' };
    for (const name of ['a', 'b', 'c']) await newJob(name, T + 1_000, schedule);
    await start(createScheduler(parts));
    await pass(5_050);
    expect(clock.sleepers).toBe(1);
    const planned = (await rows()).map(({ plannedAt, createdAt }) => {
      expect(createdAt - plannedAt).toBeLessThanOrEqual(100);
      return plannedAt;
    });
    expect(planned).toEqual([1, 2, 3, 4, 5].flatMap((n) => Array<number>(3).fill(T + n * 1_000)));
    expect(events[0]).toMatchObject({ type: 'service.started', service: 'scheduler' });
  });

  it('sees a job made by somebody else within a second', async () => {
    const { parts, newJob, rows, start, pass } = await setup();
    await start(createScheduler(parts));
    await pass(3_000);
    await newJob('new', T + 3_000);
    await pass(1_000);
    expect((await rows()).length).toBeGreaterThan(0);
  });

  it('says once that the database is away, goes on when it is back and treats what it missed by the policy', async () => {
    const { parts, newJob, rows, start, pass, events, store } = await setup();
    await newJob('hourly', T + 60_000, { ...everySecond, cron: '0 * * * * ?' });
    let away = true;
    const jobs = {
      ...store.jobs,
      databaseNow: () =>
        away
          ? Promise.reject(new SyncError('DATABASE_UNREACHABLE', { message: 'db:3306' }))
          : store.jobs.databaseNow(),
    };
    await start(createScheduler({ ...parts, jobs }));
    await pass(150_000, 1_000);
    expect(events.filter(({ type }) => type === 'service.failed')).toHaveLength(1);
    away = false;
    await pass(2_000, 1_000);
    expect((await rows()).map(({ plannedAt, state }) => [plannedAt - T, state])).toEqual([
      [60_000, 'skipped'],
      [120_000, 'queued'],
    ]);
    expect((await rows())[0]?.reason?.message).toBe(
      'the scheduler could not take it within 20 s of its time: its database refused it from 2026-01-01T12:00:00.000Z on (DATABASE_UNREACHABLE: db:3306); it was taken at 2026-01-01T12:02:31.000Z; the misfire policy is once: the newest instant that was due, 2026-01-01T12:02:00.000Z, stands for it',
    );
    away = true;
    await pass(3_000, 1_000);
    expect(events.filter(({ type }) => type === 'service.failed')).toHaveLength(2);
  });

  it('stops when asked: before it started, twice, and in its sleep', async () => {
    const { parts, clock, events } = await setup();
    const never = createScheduler(parts);
    await never.stop();
    const scheduler = createScheduler(parts);
    await scheduler.start();
    await waitUntil('it sleeps', () => clock.sleepers === 1);
    await scheduler.stop();
    await scheduler.stop();
    expect(clock.sleepers).toBe(0);
    expect(events.filter(({ type }) => type === 'service.stopped')).toHaveLength(1);
  });
});

describe('removals that were cut off', () => {
  it('are taken back when nothing was decided, with an audit row', async () => {
    const { parts, newJob, store, clock, events } = await setup();
    const asked = await newJob('asked', T + 500);
    await store.jobs.beginRemoval({ id: asked.id, version: 1 });
    await finishRemovals(parts);
    expect(await store.jobs.read(asked.id)).toMatchObject({ deleting: true });
    clock.set(T + 600_001);
    await finishRemovals(parts);
    expect(await store.jobs.read(asked.id)).toMatchObject({ deleting: false, nextFireAt: T + 500 });
    const [entry] = await store.jobs.listAudit({ limit: 1, before: null });
    expect(entry).toMatchObject({ action: 'job.delete', actor: 'housekeeping' });
    expect(events).toEqual([]);
  });

  it('are gone on with when they were decided', async () => {
    const { parts, store, clock } = await setup();
    const removed: string[] = [];
    const removal = {
      id: 'a',
      name: 'a',
      version: 1,
      paused: false,
      pausedUntil: null,
      deleting: true,
      unreadable: null,
    };
    const jobs = {
      ...store.jobs,
      listRemovals: () => Promise.resolve([{ ...removal, decided: true }]),
      remove: (id: string) => Promise.resolve(removed.push(id)),
    };
    clock.set(T);
    await finishRemovals({ ...parts, jobs });
    expect(removed).toEqual(['a']);
  });
});

describe('retention', () => {
  it('removes what is old enough, batch by batch', async () => {
    const { parts, newJob, store, rows, clock, events } = await setup();
    const job = await newJob('job', null);
    const skipped = shapeOf('OVERLAP', 'busy');
    for (let n = 0; n < 250; n++) await store.runs.create(job.id, sampleRun(n, { skipped }));
    const keepMs = 86_400_000;
    clock.set(T + keepMs);
    expect(await sweepOnce({ ...parts, keepMs })).toEqual({ more: false });
    expect(await rows()).toHaveLength(250);
    clock.set(T + keepMs + 1);
    expect(await sweepOnce({ ...parts, keepMs })).toEqual({ more: true });
    expect(await sweepOnce({ ...parts, keepMs })).toEqual({ more: false });
    expect(await rows()).toEqual([]);
    const swept = events.flatMap((event) => (event.type === 'retention.swept' ? [event.runs] : []));
    expect(swept).toEqual([200, 50]);
  });
});

describe('a run by hand', () => {
  it('is made in the asked mode and woken', async () => {
    const { parts, newJob, queue, clock } = await setup();
    const job = await newJob('job', null);
    clock.set(T + 123);
    const { run, created } = await triggerRun(parts, job, {
      mode: 'full',
      ...nothing,
      idempotencyKey: null,
    });
    expect(created).toBe(true);
    expect(run).toMatchObject({ plannedAt: T + 123, mode: 'full', trigger: { kind: 'manual' }, attempt: 1 });
    expect(queue.woken).toEqual([run.id]);
    const second = await triggerRun(parts, job, { mode: null, ...nothing, idempotencyKey: null });
    expect(second).toMatchObject({ created: true, run: { mode: 'incremental', plannedAt: T + 124 } });
  });

  it('is one run for one idempotency key, woken once', async () => {
    const { parts, newJob, queue } = await setup();
    const job = await newJob('job', null);
    const options = { mode: null, ...nothing, idempotencyKey: 'click' };
    const answers = await Promise.all(Array.from({ length: 50 }, () => triggerRun(parts, job, options)));
    expect(new Set(answers.map(({ run }) => run.id)).size).toBe(1);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect(queue.woken).toHaveLength(1);
  });

  it('does not take the row of a fire, nor is it taken for one', async () => {
    const { parts, newJob, rows } = await setup();
    const job = await newJob('job', T, { ...everySecond, overlap: 'queue' });
    await triggerRun(parts, job, { mode: null, ...nothing, idempotencyKey: 'a' });
    await triggerRun(parts, job, { mode: null, ...nothing, idempotencyKey: 'b' });
    await runOnce(parts);
    expect((await rows()).map(({ plannedAt, trigger }) => [plannedAt - T, trigger.kind])).toEqual([
      [1, 'manual'],
      [2, 'manual'],
      [0, 'schedule'],
    ]);
  });

  it('is made although the queue is away', async () => {
    const { parts, newJob, events } = await setup();
    const job = await newJob('job', null);
    const options = { mode: null, ...nothing, idempotencyKey: null };
    const { run } = await triggerRun({ ...parts, queue: queueAway }, job, options);
    expect(run.state).toBe('queued');
    expect(events.at(-1)).toMatchObject({ type: 'service.failed', service: 'queue' });
  });

  it('of a job that is gone is refused', async () => {
    const { parts, newJob, store } = await setup();
    const job = await newJob('job', null);
    await store.jobs.remove(job.id);
    const options = { mode: null, ...nothing, idempotencyKey: null };
    await expect(triggerRun(parts, job, options)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
