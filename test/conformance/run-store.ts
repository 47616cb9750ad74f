// What every RunStore must do; run over SQLite, MariaDB and PostgreSQL, and over the tests' store in memory.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shapeOf } from '../../src/core/errors.ts';
import type { JobStore } from '../../src/core/ports/jobs.ts';
import type { NewRun, RunStore } from '../../src/core/ports/runs.ts';
import type { RunReport } from '../../src/core/run-report.ts';
import type { Run } from '../../src/core/run.ts';
import { noCounts } from '../../src/core/status.ts';
import { describeIntervals } from './run-intervals.ts';
import { describeLeases } from './run-leases.ts';
import { firesAt, nextFire, sampleJob, sampleRun } from '../support/sample-job.ts';
import { sameInBoth } from '../../src/core/text.ts';

const leaseMs = 60_000;
const report: RunReport = {
  outcome: 'proved',
  window: { from: '1', to: '2' },
  watermarkBefore: '1',
  watermarkAfter: '2',
  predicted: { rows: 10, exact: false },
  counts: { ...noCounts, read: 10, written: 10 },
  stages: { source: 'processing', sink: 'start' },
  splits: { total: 3, ended: 3 },
  tookMs: 1234,
  rowsPerSecond: 8.1,
  notProved: [{ en: 'keys may merge', zh: '键可能合并' }],
  notes: [{ en: 'timestamps', zh: '时间戳' }],
};
const failure = { ...shapeOf('INCOMPLETE', 'split 2'), place: 'shop.orders', causes: ['trace\nline'] };

export interface RunStoreBed {
  readonly jobs: Pick<JobStore, 'create' | 'update' | 'databaseNow'>;
  readonly runs: RunStore;
  close(): Promise<void>;
}

export function testRunStore(name: string, open: () => Promise<RunStoreBed>): void {
  describe(`run store on ${name}`, () => {
    let store: RunStoreBed;
    let made = 0;
    const newJob = async (): Promise<string> => {
      const { id } = await store.jobs.create(sampleJob(`job ${(made += 1)}`), firesAt(null));
      return id;
    };
    const create = async (jobId: string, plannedAt: number, change: Partial<NewRun> = {}): Promise<Run> =>
      (await store.runs.create(jobId, sampleRun(plannedAt, change))).run;
    const going = async (jobId: string, plannedAt = 1): Promise<Run> => {
      const { id } = await create(jobId, plannedAt);
      const run = await store.runs.claim({ id, owner: 'a', leaseMs });
      if (run === null) throw new Error('not claimed');
      return run;
    };
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store.close());

    it('creates a run of the current job version', async () => {
      const jobId = await newJob();
      await store.jobs.update({
        id: jobId,
        version: 1,
        spec: sampleJob(`job ${(made += 1)}`),
        settle: nextFire(null),
      });
      const { run, created } = await store.runs.create(jobId, sampleRun(1_000, { notBefore: 5 }));
      expect(created).toBe(true);
      expect(run).toMatchObject({
        jobId,
        jobVersion: 2,
        plannedAt: 1_000,
        attempt: 1,
        state: 'queued',
        notBefore: 5,
      });
      expect(await store.runs.read(run.id)).toEqual(run);
      expect(await store.runs.read('none')).toBeNull();
      await expect(store.runs.create('none', sampleRun(1))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('gives the run that exists for the same instant and attempt', async () => {
      const jobId = await newJob();
      const first = await store.runs.create(jobId, sampleRun(1_000));
      expect(await store.runs.create(jobId, sampleRun(1_000))).toEqual({ run: first.run, created: false });
    });

    it('gives the run that exists for the same idempotency key, per job', async () => {
      const jobId = await newJob();
      const trigger = { kind: 'manual', idempotencyKey: 'click 1' } as const;
      const first = await store.runs.create(jobId, sampleRun(1_000, { trigger }));
      expect(first.run.trigger).toEqual(trigger);
      expect(await store.runs.create(jobId, sampleRun(2_000, { trigger }))).toEqual({
        run: first.run,
        created: false,
      });
      expect(await store.runs.create(await newJob(), sampleRun(1_000, { trigger }))).toMatchObject({
        created: true,
      });
      const endless = { kind: 'manual', idempotencyKey: 'x'.repeat(201) } as const;
      await expect(store.runs.create(jobId, sampleRun(3_000, { trigger: endless }))).rejects.toMatchObject({
        code: 'BAD_INPUT',
      });
    });

    it('keeps what was given with the run, and none where nothing was', async () => {
      const jobId = await newJob();
      const given = { branch: "O'Hara 每天", since: '2027-01-31' };
      const { id, parameters } = await create(jobId, 1, { parameters: given });
      expect(parameters).toEqual(given);
      expect((await store.runs.read(id))?.parameters).toEqual(given);
      expect((await create(jobId, 2)).parameters).toEqual({});
    });

    it('makes one run of 50 triggers at once with one idempotency key', async () => {
      const jobId = await newJob();
      const trigger = { kind: 'manual', idempotencyKey: 'double click' } as const;
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, n) => store.runs.create(jobId, sampleRun(1_000 + n, { trigger }))),
      );
      expect(new Set(answers.map(({ run }) => run.id)).size).toBe(1);
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
    });

    it('refuses one more run than may wait', async () => {
      const jobId = await newJob();
      await create(jobId, 1);
      await create(jobId, 2);
      const third = sampleRun(3, { maxQueued: 2 });
      await expect(store.runs.create(jobId, third)).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    it('keeps a retry to the version of the run it repeats', async () => {
      const jobId = await newJob();
      const first = await create(jobId, 1_000);
      await store.jobs.update({
        id: jobId,
        version: 1,
        spec: sampleJob(`job ${(made += 1)}`),
        settle: nextFire(null),
      });
      const trigger = { kind: 'retry', of: first.id } as const;
      const retry = await create(jobId, 1_000, { attempt: 2, trigger });
      expect(retry).toMatchObject({ jobVersion: 1, attempt: 2, trigger });
      expect((await create(jobId, 2_000)).jobVersion).toBe(2);
    });

    it('lists by job and state, newest first, in pages', async () => {
      const jobId = await newJob();
      const made: string[] = [];
      for (const at of [1, 2, 3, 4, 5]) made.unshift((await create(jobId, at)).id);
      await store.runs.requestCancel(made[2] ?? '');
      const list = async (before: string | null): Promise<string[]> =>
        (await store.runs.list({ jobId, state: null, limit: 2, before })).map(({ id }) => id);
      expect(await list(null)).toEqual(made.slice(0, 2));
      expect(await list(made[1] ?? null)).toEqual(made.slice(2, 4));
      expect(await list(made[3] ?? null)).toEqual(made.slice(4));
      const cancelled = await store.runs.list({ jobId, state: 'cancelled', limit: 9, before: null });
      expect(cancelled.map(({ id }) => id)).toEqual([made[2]]);
      const anyJob = await store.runs.list({ jobId: null, state: 'queued', limit: 2, before: null });
      expect(anyJob.map(({ id }) => id)).toEqual(made.slice(0, 2));
    });

    it('lists queued runs that could be claimed, oldest first', async () => {
      const jobId = await newJob();
      const later = await create(jobId, 2, { notBefore: 200 });
      const sooner = await create(jobId, 1, { notBefore: 100 });
      const future = await create(jobId, 3, { notBefore: Date.UTC(2090, 0) });
      const mine = async (): Promise<string[]> =>
        (await store.runs.listQueued(Date.UTC(2080, 0), 1_000))
          .filter((run) => run.jobId === jobId)
          .map(({ id }) => id);
      expect(await mine()).toEqual([sooner.id, later.id]);
      expect(await mine()).not.toContain(future.id);
      await store.runs.claim({ id: sooner.id, owner: 'a', leaseMs });
      expect(await mine()).toEqual([]);
      await store.runs.finish({ id: sooner.id, owner: 'a', state: 'lost', reason: failure, report: null });
      expect(await mine()).toEqual([later.id]);
    });

    it('lists queued runs of a higher priority first', async () => {
      const jobId = await newJob();
      const low = await create(jobId, 1, { priority: -5, notBefore: 100 });
      const usual = await create(jobId, 2, { notBefore: 100 });
      const high = await create(jobId, 3, { priority: 100, notBefore: 200 });
      expect([low, usual, high].map(({ priority }) => priority)).toEqual([-5, 0, 100]);
      const listed = (await store.runs.listQueued(Date.UTC(2080, 0), 1_000)).filter(
        (run) => run.jobId === jobId,
      );
      expect(listed.map(({ id }) => id)).toEqual([high.id, usual.id, low.id]);
    });

    it('makes as many attempts a day as are allowed to follow by themselves, and says so', async () => {
      const jobId = await newJob();
      const { id: of } = await create(jobId, 1);
      const again = (attempt: number): Promise<Run> =>
        create(jobId, 1, { attempt, trigger: { kind: 'retry', of }, maxRetriesToday: 2 });
      await again(2);
      await again(3);
      // The day may turn here, once.
      await expect(
        again(4)
          .then(() => again(5))
          .then(() => again(6)),
      ).rejects.toMatchObject({
        code: 'CONFLICT',
        field: 'policy.retriesPerDay',
        message: expect.stringContaining('2 times today') as string,
      });
    });

    it('gives a queued run to the first who claims it', async () => {
      const { id } = await create(await newJob(), 1);
      const run = await store.runs.claim({ id, owner: 'a', leaseMs });
      const now = await store.jobs.databaseNow();
      expect(run).toMatchObject({ state: 'starting', owner: 'a' });
      expect(run?.startedAt).toBeGreaterThan(now - 60_000);
      expect(Math.abs((run?.leaseUntil ?? 0) - now - leaseMs)).toBeLessThan(10_000);
      expect(await store.runs.claim({ id, owner: 'b', leaseMs })).toBeNull();
      expect(await store.runs.claim({ id: 'none', owner: 'b', leaseMs })).toBeNull();
    });

    it('gives a run to exactly one of eight who claim it at once', async () => {
      for (let round = 0; round < 5; round++) {
        const { id } = await create(await newJob(), 1);
        const claims = await Promise.all(
          Array.from({ length: 8 }, (_, n) => store.runs.claim({ id, owner: `owner ${n}`, leaseMs })),
        );
        expect(claims.filter((run) => run !== null)).toHaveLength(1);
      }
    });

    it('lets one run of a job go at a time, whoever claims at once', async () => {
      const jobId = await newJob();
      const runs = [await create(jobId, 1), await create(jobId, 2), await create(jobId, 3)];
      const claims = await Promise.all(
        runs.map(({ id }, n) => store.runs.claim({ id, owner: `owner ${n}`, leaseMs })),
      );
      const [winner] = claims.filter((run) => run !== null);
      expect(claims.filter((run) => run !== null)).toHaveLength(1);
      const [loser] = runs.filter(({ id }) => id !== winner?.id);
      await store.runs.advance({
        id: winner?.id ?? '',
        owner: winner?.owner ?? '',
        from: 'starting',
        to: 'running',
        epoch: 3,
      });
      expect(await store.runs.claim({ id: loser?.id ?? '', owner: 'b', leaseMs })).toBeNull();
      await store.runs.finish({
        id: winner?.id ?? '',
        owner: winner?.owner ?? '',
        state: 'succeeded',
        reason: null,
        report,
      });
      expect(await store.runs.claim({ id: loser?.id ?? '', owner: 'b', leaseMs })).not.toBeNull();
    });

    it('does not give out a run before its time', async () => {
      const now = await store.jobs.databaseNow();
      const { id } = await create(await newJob(), 1, { notBefore: now + 3_600_000 });
      expect(await store.runs.claim({ id, owner: 'a', leaseMs })).toBeNull();
    });

    it('moves a run on for its owner only, from the state it is in', async () => {
      const { id } = await going(await newJob());
      const step = { id, owner: 'a', from: 'starting', to: 'running', epoch: 7 } as const;
      expect(await store.runs.advance({ ...step, owner: 'b' })).toBe(false);
      expect(await store.runs.advance(step)).toBe(true);
      expect(await store.runs.advance(step)).toBe(false);
      expect(await store.runs.read(id)).toMatchObject({ state: 'running', epoch: 7 });
      await store.runs.saveProgress(id, 'b', { ...report, notes: [sameInBoth('not mine')] });
      expect((await store.runs.read(id))?.report).toBeNull();
      await store.runs.saveProgress(id, 'a', report);
      expect((await store.runs.read(id))?.report).toEqual(report);
    });

    it('ends a run once; the end never changes', async () => {
      const { id } = await going(await newJob());
      const end = { id, owner: 'a', state: 'failed', reason: failure, report } as const;
      expect(await store.runs.finish({ ...end, owner: 'b' })).toBe(false);
      expect(await store.runs.finish({ ...end, owner: null })).toBe(false);
      expect(await store.runs.finish(end)).toBe(true);
      const ended = await store.runs.read(id);
      expect(ended).toMatchObject({ state: 'failed', reason: failure, report, leaseUntil: null });
      expect(ended?.endedAt).toBeGreaterThanOrEqual(ended?.startedAt ?? Infinity);
      expect(await store.runs.finish({ ...end, state: 'succeeded' })).toBe(false);
      expect(await store.runs.finish({ ...end, owner: null })).toBe(false);
      expect(await store.runs.advance({ id, owner: 'a', from: 'failed', to: 'running', epoch: null })).toBe(
        false,
      );
      expect((await store.runs.renew({ id, owner: 'a', leaseMs })).held).toBe(false);
      expect(await store.runs.requestCancel(id)).toEqual(ended);
      expect(await store.runs.read(id)).toEqual(ended);
    });

    it('lets anybody end a run that nobody holds', async () => {
      const { id } = await create(await newJob(), 1);
      expect(
        await store.runs.finish({ id, owner: null, state: 'failed', reason: failure, report: null }),
      ).toBe(true);
    });

    it('renews a lease for its owner, and tells the owner which runs are to be cancelled', async () => {
      const { id, leaseUntil } = await going(await newJob());
      const renewed = await store.runs.renew({ id, owner: 'a', leaseMs: leaseMs * 2 });
      expect(renewed).toMatchObject({ held: true });
      expect(renewed.leaseUntil).toBeGreaterThan(leaseUntil ?? Infinity);
      expect((await store.runs.renew({ id, owner: 'b', leaseMs })).held).toBe(false);
      const other = await going(await newJob());
      const asked = async (owner: string): Promise<readonly string[]> =>
        (await store.runs.listCancelRequested(owner)).map(({ id: runId }) => runId);
      expect(await asked('a')).not.toContain(id);
      expect(await store.runs.requestCancel(id)).toMatchObject({ state: 'starting', cancelRequested: true });
      expect(await asked('a')).toContain(id);
      expect(await asked('a')).not.toContain(other.id);
      expect(await asked('b')).toEqual([]);
      await store.runs.finish({ id, owner: 'a', state: 'cancelled', reason: null, report: null });
      expect(await asked('a')).not.toContain(id);
    });

    it('cancels a queued run at once', async () => {
      const { id } = await create(await newJob(), 1);
      expect(await store.runs.requestCancel(id)).toMatchObject({
        state: 'cancelled',
        reason: { code: 'CANCELLED' },
      });
      expect(await store.runs.claim({ id, owner: 'a', leaseMs })).toBeNull();
      expect(await store.runs.requestCancel('none')).toBeNull();
    });

    describeLeases(() => ({ runs: store.runs, newJob, create, going }));
    describeIntervals({ runs: () => store.runs, newJob, create });

    it('keeps log lines in order and gives those after a number', async () => {
      const { id } = await create(await newJob(), 1);
      const line = (n: number) =>
        ({ at: n, level: n === 2 ? 'error' : 'info', message: `line ${n} 行` }) as const;
      await store.runs.addLog(id, [line(1), line(2)]);
      await store.runs.addLog(id, []);
      await store.runs.addLog(id, [line(3)]);
      const all = await store.runs.readLog(id, 0, 10);
      expect(all.map(({ at, level, message }) => ({ at, level, message }))).toEqual([
        line(1),
        line(2),
        line(3),
      ]);
      expect(await store.runs.readLog(id, all[1]?.seq ?? 0, 10)).toEqual(all.slice(2));
      expect(await store.runs.readLog(id, 0, 1)).toEqual(all.slice(0, 1));
      await expect(store.runs.addLog('none', [line(1)])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('finds the ended run before a given one; skipped ones do not count', async () => {
      const jobId = await newJob();
      const first = await going(jobId, 1);
      await store.runs.finish({ id: first.id, owner: 'a', state: 'failed', reason: failure, report });
      await create(jobId, 2, { skipped: shapeOf('OVERLAP', 'busy') });
      const second = await create(jobId, 3);
      expect(await store.runs.readPrevious(jobId, second)).toMatchObject({ id: first.id, state: 'failed' });
      const skipped = shapeOf('OVERLAP', 'busy');
      for (let n = 0; n < 120; n++) await create(jobId, 100 + n, { skipped });
      const last = await create(jobId, 1_000);
      expect(await store.runs.readPrevious(jobId, last)).toMatchObject({ id: first.id });
      expect(await store.runs.readPrevious(jobId, first)).toBeNull();
    });

    it('sweeps old ended runs in batches, with their log lines, and nothing else', async () => {
      const jobId = await newJob();
      for (const at of [1, 2, 3]) {
        const run = await going(jobId, at);
        await store.runs.addLog(run.id, [{ at: 1, level: 'info', message: 'x' }]);
        await store.runs.finish({ id: run.id, owner: 'a', state: 'succeeded', reason: null, report });
      }
      const kept = await going(jobId, 4);
      const cutoff = (await store.jobs.databaseNow()) + 60_000;
      expect(await store.runs.sweep(0, 100)).toBe(0);
      expect(await store.runs.sweep(cutoff, 2)).toBe(2);
      let removed = 2;
      for (let n = 2; n === 2; removed += n) n = await store.runs.sweep(cutoff, 2);
      expect(removed).toBeGreaterThanOrEqual(3);
      const left = await store.runs.list({ jobId, state: null, limit: 10, before: null });
      expect(left.map(({ id }) => id)).toEqual([kept.id]);
    });
  });
}
