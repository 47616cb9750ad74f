// What every JobStore must do; run over SQLite, MariaDB and PostgreSQL.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shapeOf } from '../../src/core/errors.ts';
import type { DueJob, FireDecision, SettleFires } from '../../src/core/ports/jobs.ts';
import type { Store } from '../../src/store/open-store.ts';
import { describeRemoval } from './job-removal.ts';
import { everySecond, firesAt, nextFire, noneActive, sampleJob, sampleRun } from '../support/sample-job.ts';

const never = (): FireDecision => ({ runs: [], nextFireAt: null, supersede: null, replace: null });
const once = ({ job }: DueJob): FireDecision => ({ ...never(), runs: [sampleRun(job.nextFireAt ?? 0)] });

/** `damage` breaks what is stored of a job's specification, behind the store's back. */
export interface JobStoreBed {
  readonly store: Store;
  readonly damage: (jobId: string) => Promise<void>;
}

export function testJobStore(name: string, open: () => Promise<JobStoreBed>): void {
  describe(`job store on ${name}`, () => {
    let store: Store;
    let damage: JobStoreBed['damage'];
    let made = 0;
    const fresh = (): string => `job ${(made += 1)}`;
    beforeAll(async () => {
      ({ store, damage } = await open());
    });
    afterAll(() => store.close());

    it('gives back what it was given, and finds it by id and by name', async () => {
      const spec = sampleJob(fresh());
      const job = await store.jobs.create(spec, firesAt(5_000));
      expect(job).toMatchObject({ version: 1, spec, paused: false, nextFireAt: 5_000 });
      expect(job.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(await store.jobs.read(job.id)).toEqual(job);
      expect(await store.jobs.readByName(spec.name)).toEqual(job);
      expect(await store.jobs.read('no such id')).toBeNull();
      expect(await store.jobs.readByName('no such name')).toBeNull();
    });

    it('tells names apart byte by byte', async () => {
      const spec = sampleJob(fresh());
      await store.jobs.create(spec, firesAt(null));
      await store.jobs.create({ ...spec, name: spec.name.toUpperCase() }, firesAt(null));
      await expect(store.jobs.create(spec, firesAt(null))).rejects.toMatchObject({
        code: 'CONFLICT',
        field: 'name',
      });
    });

    it('keeps every version, and refuses a change to another version than the stored one', async () => {
      const first = sampleJob(fresh());
      const { id } = await store.jobs.create(first, firesAt(null));
      const second = { ...first, description: 'changed' };
      const changed = await store.jobs.update({ id, version: 1, spec: second, settle: nextFire(7) });
      expect(changed).toMatchObject({ version: 2, spec: second, nextFireAt: 7 });
      await expect(
        store.jobs.update({ id, version: 1, spec: first, settle: nextFire(null) }),
      ).rejects.toMatchObject({ code: 'CONFLICT', field: 'version' });
      expect(await store.jobs.readVersion(id, 1)).toEqual(first);
      expect(await store.jobs.readVersion(id, 2)).toEqual(second);
      expect(await store.jobs.readVersion(id, 3)).toBeNull();
      expect(await store.jobs.read(id)).toEqual(changed);
    });

    it('refuses a change of name to a taken one, and a change of what is not there', async () => {
      const taken = sampleJob(fresh());
      await store.jobs.create(taken, firesAt(null));
      const { id, spec } = await store.jobs.create(sampleJob(fresh()), firesAt(null));
      const change = { version: 1, settle: nextFire(null) };
      await expect(store.jobs.update({ ...change, id, spec: taken })).rejects.toMatchObject({
        code: 'CONFLICT',
        field: 'name',
      });
      await expect(store.jobs.update({ ...change, id: 'none', spec })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    });

    it('pauses and resumes without a new version', async () => {
      const { id } = await store.jobs.create(sampleJob(fresh()), firesAt(1));
      expect(await store.jobs.setPaused({ id: id, paused: true, settle: nextFire(null) })).toMatchObject({
        paused: true,
        nextFireAt: null,
        version: 1,
      });
      expect(await store.jobs.setPaused({ id: id, paused: false, settle: nextFire(9) })).toMatchObject({
        paused: false,
        nextFireAt: 9,
        version: 1,
      });
      await expect(
        store.jobs.setPaused({ id: 'none', paused: true, settle: nextFire(null) }),
      ).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await store.jobs.setPaused({ id: id, paused: true, settle: nextFire(null) });
    });

    it('pages through jobs, newest first, each once', async () => {
      for (let n = 0; n < 5; n++) await store.jobs.create(sampleJob(fresh()), firesAt(null));
      const seen: string[] = [];
      for (let before: string | null = null; ;) {
        const { jobs: page }: Awaited<ReturnType<Store['jobs']['list']>> = await store.jobs.list({
          limit: 3,
          before,
        });
        seen.push(...page.map(({ id }) => id));
        before = page.at(-1)?.id ?? null;
        if (page.length < 3) break;
      }
      expect(seen).toEqual([...new Set(seen)].sort().reverse());
      expect(seen.length).toBeGreaterThanOrEqual(5);
    });

    it('claims due jobs oldest first, makes their runs and moves their next fire, all or nothing', async () => {
      await store.jobs.claimDue(1e12, 1_000, never);
      const late = await store.jobs.create(sampleJob(fresh()), firesAt(2_000));
      const later = await store.jobs.create(sampleJob(fresh()), firesAt(1_000));
      const future = await store.jobs.create(sampleJob(fresh()), firesAt(9_000));
      expect(await store.jobs.nextFireAt()).toBe(1_000);
      const order: string[] = [];
      await expect(
        store.jobs.claimDue(5_000, 10, () => {
          throw new Error('undecided');
        }),
      ).rejects.toThrow('undecided');
      const { runs } = await store.jobs.claimDue(5_000, 10, (due) => {
        order.push(due.job.id);
        expect(due.active).toEqual(noneActive);
        return { ...once(due), nextFireAt: due.job.id === late.id ? 6_000 : null };
      });
      expect(order).toEqual([later.id, late.id]);
      expect(runs.map(({ jobId, plannedAt, state }) => ({ jobId, plannedAt, state }))).toEqual([
        { jobId: later.id, plannedAt: 1_000, state: 'queued' },
        { jobId: late.id, plannedAt: 2_000, state: 'queued' },
      ]);
      expect(await store.runs.read(runs[0]?.id ?? '')).toEqual(runs[0]);
      expect((await store.jobs.read(late.id))?.nextFireAt).toBe(6_000);
      expect((await store.jobs.read(later.id))?.nextFireAt).toBeNull();
      expect((await store.jobs.read(future.id))?.nextFireAt).toBe(9_000);
      expect(await store.jobs.nextFireAt()).toBe(6_000);
      await store.jobs.claimDue(1e12, 1_000, never);
      expect(await store.jobs.nextFireAt()).toBeNull();
    });

    it('does not claim paused jobs, nor more than asked', async () => {
      const paused = await store.jobs.create(sampleJob(fresh()), firesAt(1));
      await store.jobs.setPaused({ id: paused.id, paused: true, settle: nextFire(1) });
      const jobs = [
        await store.jobs.create(sampleJob(fresh()), firesAt(2)),
        await store.jobs.create(sampleJob(fresh()), firesAt(3)),
      ];
      const claimed: string[] = [];
      const take = ({ job }: DueJob): FireDecision => (claimed.push(job.id), never());
      await store.jobs.claimDue(10, 1, take);
      await store.jobs.claimDue(10, 1, take);
      await store.jobs.claimDue(10, 1, take);
      expect(claimed).toEqual(jobs.map(({ id }) => id));
    });

    it('tells what runs are active, and makes no second row for one instant', async () => {
      const { id } = await store.jobs.create(sampleJob(fresh()), firesAt(1_000));
      await store.jobs.claimDue(1_000, 10, ({ job }) => ({
        runs: [sampleRun(1_000), sampleRun(2_000), { ...sampleRun(500), skipped: overlap }],
        nextFireAt: job.nextFireAt,
        supersede: null,
        replace: null,
      }));
      const seen: unknown[] = [];
      const { runs: again } = await store.jobs.claimDue(1_000, 10, ({ active }) => {
        seen.push(active);
        return { ...never(), runs: [sampleRun(1_000), sampleRun(3_000)] };
      });
      expect(seen).toEqual([{ ...noneActive, queued: { id: expect.any(String) as string, count: 2 } }]);
      expect(again.map(({ plannedAt }) => plannedAt)).toEqual([3_000]);
      const rows = await store.runs.list({ jobId: id, state: null, limit: 10, before: null });
      expect(rows.map(({ plannedAt }) => plannedAt).sort((a, b) => a - b)).toEqual([
        500, 1_000, 2_000, 3_000,
      ]);
      const [skipped] = await store.runs.list({ jobId: id, state: 'skipped', limit: 10, before: null });
      expect(skipped).toMatchObject({ reason: overlap, state: 'skipped' });
      expect(skipped?.endedAt).not.toBeNull();
    });

    it('tells apart a run that is going, one that waits its turn and a retry that waits for its time', async () => {
      const { id } = await store.jobs.create(sampleJob(fresh()), firesAt(1_000));
      const now = await store.jobs.databaseNow();
      const notBefore = now + 3_600_000;
      const { run: going } = await store.runs.create(id, sampleRun(1));
      const claimed = await store.runs.claim({ id: going.id, owner: 'a', leaseMs: 60_000 });
      const retry = { kind: 'retry', of: going.id } as const;
      const later = { attempt: 2, trigger: retry, notBefore, mode: 'full' } as const;
      const { run: waiting } = await store.runs.create(id, sampleRun(1, later));
      const { run: queued } = await store.runs.create(id, sampleRun(2));
      await store.runs.create(id, sampleRun(3));
      const seen: unknown[] = [];
      const reason = shapeOf('FENCED', 'another runs in its place');
      await store.jobs.claimDue(now, 1_000, ({ job, active }) => {
        if (job.id === id) seen.push(active);
        return { ...never(), supersede: job.id === id ? reason : null };
      });
      expect(seen).toEqual([
        {
          going: { id: going.id, startedAt: claimed?.startedAt },
          queued: { id: queued.id, count: 2 },
          waitingRetry: { id: waiting.id, notBefore, mode: 'full' },
          lastEndedAt: null,
        },
      ]);
      expect(await store.runs.read(waiting.id)).toMatchObject({ state: 'superseded', reason, endedAt: now });
      expect(await store.runs.read(queued.id)).toMatchObject({ state: 'queued' });
      await store.runs.finish({ id: going.id, owner: 'a', state: 'failed', reason: null, report: null });
    });

    it('ends what waits, and asks what goes to end, where a newer fire takes their place', async () => {
      const { id } = await store.jobs.create(sampleJob(fresh()), firesAt(1_000));
      const now = await store.jobs.databaseNow();
      const { run: going } = await store.runs.create(id, sampleRun(1));
      await store.runs.claim({ id: going.id, owner: 'replaced', leaseMs: 60_000 });
      const { run: queued } = await store.runs.create(id, sampleRun(2));
      const replace = shapeOf('FENCED', 'the fire of 3 took its place');
      const { runs } = await store.jobs.claimDue(now, 1_000, ({ job }) =>
        job.id === id ? { ...never(), runs: [sampleRun(3)], replace } : never(),
      );
      expect(runs).toMatchObject([{ plannedAt: 3, state: 'queued' }]);
      expect(await store.runs.read(queued.id)).toMatchObject({ state: 'superseded', reason: replace });
      expect(await store.runs.read(going.id)).toMatchObject({ state: 'starting', cancelRequested: true });
      expect(await store.runs.listCancelRequested('replaced')).toEqual([{ id: going.id, replaced: replace }]);
      const end = { id: going.id, owner: 'replaced', state: 'superseded', report: null } as const;
      expect(await store.runs.finish({ ...end, reason: replace })).toBe(true);
    });

    it('keeps which instants a skipped row stands for', async () => {
      const { id } = await store.jobs.create(sampleJob(fresh()), firesAt(1_000));
      const instants = { first: 1_000, last: 9_000_000_000_000, count: 8_999_999_999 };
      const row = { ...sampleRun(1_000), skipped: overlap, instants };
      await store.jobs.claimDue(1_000, 1_000, ({ job }) =>
        job.id === id ? { ...never(), runs: [row] } : never(),
      );
      expect(await store.runs.list({ jobId: id, state: null, limit: 9, before: null })).toMatchObject([
        { state: 'skipped', plannedAt: 1_000, instants },
      ]);
    });

    it('tells when the last run ended, to schedules that follow their runs only', async () => {
      const delayed = { ...everySecond, cron: '@delay 90s' };
      const { id } = await store.jobs.create(sampleJob(fresh(), { schedule: delayed }), firesAt(1_000));
      const other = await store.jobs.create(sampleJob(fresh()), firesAt(1_000));
      const seen = async (): Promise<readonly unknown[]> => {
        const ends = new Map<string, unknown>();
        await store.jobs.claimDue(1_000, 1_000, ({ job, active }) => {
          ends.set(job.id, active.lastEndedAt);
          return { ...never(), nextFireAt: job.nextFireAt };
        });
        return [ends.get(id), ends.get(other.id)];
      };
      expect(await seen()).toEqual([null, null]);
      for (const jobId of [id, other.id]) {
        const { run } = await store.runs.create(jobId, sampleRun(1));
        await store.runs.claim({ id: run.id, owner: 'a', leaseMs: 60_000 });
        await store.runs.finish({ id: run.id, owner: 'a', state: 'failed', reason: null, report: null });
      }
      const [ended] = await store.runs.list({ jobId: id, state: 'failed', limit: 1, before: null });
      // A row that was skipped never ran, and a run that goes on has no end.
      await store.runs.create(id, { ...sampleRun(2), skipped: overlap });
      const { run: going } = await store.runs.create(id, sampleRun(3));
      expect(ended?.endedAt).toEqual(expect.any(Number));
      expect(await seen()).toEqual([ended?.endedAt, null]);
      await store.runs.requestCancel(going.id);
      const cancelled = await store.runs.read(going.id);
      expect(await seen()).toEqual([cancelled?.endedAt, null]);
      const settled: unknown[] = [];
      const spec = sampleJob(fresh(), { schedule: delayed });
      await store.jobs.update({
        id,
        version: 1,
        spec,
        settle: ({ active }) => (settled.push(active.lastEndedAt), never()),
      });
      expect(settled).toEqual([cancelled?.endedAt]);
      await store.jobs.claimDue(1e12, 1_000, never);
    });

    it('decides a change from the row as it is under its lock, at the database’s time, with all rows or none', async () => {
      const { id, spec } = await store.jobs.create(sampleJob(fresh()), firesAt(1_000));
      const before = await store.jobs.databaseNow();
      const seen: DueJob[] = [];
      const settle: SettleFires = (due) => {
        seen.push(due);
        return { runs: [sampleRun(1_000)], nextFireAt: 77, supersede: null, replace: null };
      };
      const changed = await store.jobs.update({ id, version: 1, spec, settle });
      expect(changed).toMatchObject({ version: 2, nextFireAt: 77 });
      expect(await store.jobs.read(id)).toEqual(changed);
      const [run] = await store.runs.list({ jobId: id, state: null, limit: 10, before: null });
      expect(run).toMatchObject({ plannedAt: 1_000, jobVersion: 2, state: 'queued' });
      await store.jobs.setPaused({ id, paused: true, settle });
      expect(seen.map(({ job }) => [job.version, job.paused, job.nextFireAt])).toEqual([
        [1, false, 1_000],
        [2, false, 77],
      ]);
      expect(seen[0]?.now).toBeGreaterThanOrEqual(before);
      expect(seen[1]?.active.queued).toEqual({ id: run?.id, count: 1 });
      const broken = (): never => {
        throw new Error('undecided');
      };
      await expect(store.jobs.setPaused({ id, paused: false, settle: broken })).rejects.toThrow('undecided');
      expect(await store.jobs.read(id)).toMatchObject({ version: 2, paused: true });
    });

    describeRemoval(() => ({ store, fresh }));

    it('passes over a job that can not be opened: it is told once, audited, listed, and can be replaced or removed', async () => {
      await store.jobs.claimDue(1e12, 1_000, never);
      const good = await store.jobs.create(sampleJob(fresh()), firesAt(2_000));
      const bad = await store.jobs.create(sampleJob(fresh()), firesAt(1_000));
      const worse = await store.jobs.create(sampleJob(fresh()), firesAt(1_000));
      await damage(bad.id);
      await damage(worse.id);
      const { runs, unreadable } = await store.jobs.claimDue(5_000, 10, once);
      expect(runs.map(({ jobId }) => jobId)).toEqual([good.id]);
      expect(unreadable.map(({ id }) => id).sort()).toEqual([bad.id, worse.id].sort());
      expect(await store.jobs.claimDue(5_000, 10, once)).toEqual({ runs: [], unreadable: [] });
      expect(await store.jobs.nextFireAt()).toBeNull();
      expect((await store.jobs.listUnreadable()).map(({ id }) => id)).toEqual([bad.id, worse.id]);
      const audit = await store.jobs.listAudit({ limit: 2, before: null });
      expect(audit.map(({ action }) => action)).toEqual(['job.unreadable', 'job.unreadable']);
      const page = await store.jobs.list({ limit: 500, before: null });
      expect(page.unreadable.map(({ id }) => id)).toEqual([worse.id, bad.id]);
      expect(page.jobs.map(({ id }) => id)).toContain(good.id);
      const told = {
        code: 'JOB_UNREADABLE',
        message: expect.stringContaining(`job ${bad.spec.name} (${bad.id})`) as string,
      };
      await expect(store.jobs.read(bad.id)).rejects.toMatchObject(told);
      const pause = store.jobs.setPaused({ id: bad.id, paused: true, settle: never });
      await expect(pause).rejects.toMatchObject(told);
      expect(await store.jobs.readHead(bad.id)).toMatchObject({ name: bad.spec.name, version: 1 });
      const keepFire: SettleFires = ({ job }) => ({ ...never(), nextFireAt: job.nextFireAt });
      const mended = await store.jobs.update({ id: bad.id, version: 1, spec: bad.spec, settle: keepFire });
      expect(mended).toMatchObject({ version: 2, nextFireAt: 1_000 });
      expect((await store.jobs.claimDue(5_000, 10, once)).runs.map(({ jobId }) => jobId)).toEqual([bad.id]);
      await store.jobs.beginRemoval({ id: worse.id, version: 1 });
      await store.jobs.remove(worse.id);
    });

    it('keeps the audit trail, newest first, and pages through it', async () => {
      const entry = (n: number) => ({
        actor: 'ann',
        action: 'job.pause',
        object: `job ${n}`,
        detail: '暂停',
      });
      for (const n of [1, 2, 3]) await store.jobs.addAudit(entry(n));
      const page = await store.jobs.listAudit({ limit: 2, before: null });
      expect(page).toMatchObject([entry(3), entry(2)]);
      const rest = await store.jobs.listAudit({ limit: 2, before: page.at(-1)?.id ?? null });
      expect(rest[0]).toMatchObject(entry(1));
      expect(rest[0]?.at).toBeGreaterThan(0);
    });

    it('keeps the first value of a setting', async () => {
      expect(await store.jobs.readSetting('colour')).toBeNull();
      expect(await store.jobs.settleSetting('colour', 'red')).toBe('red');
      expect(await store.jobs.settleSetting('colour', 'green')).toBe('red');
      expect(await store.jobs.readSetting('colour')).toBe('red');
    });

    it('answers a ping and tells its time', async () => {
      await store.jobs.ping();
      const first = await store.jobs.databaseNow();
      expect(first).toBeGreaterThan(Date.UTC(2020, 0, 1));
      expect(await store.jobs.databaseNow()).toBeGreaterThanOrEqual(first);
    });
  });
}

const overlap = shapeOf('OVERLAP', 'still going');
