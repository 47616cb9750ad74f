// What every JobStore must do when a job is removed.
import { expect, it } from 'vitest';
import { shapeOf } from '../../src/core/errors.ts';
import type { DueJob, FireDecision } from '../../src/core/ports/jobs.ts';
import type { Store } from '../../src/store/open-store.ts';
import { firesAt, nextFire, sampleJob, sampleRun } from '../support/sample-job.ts';

interface Desk {
  readonly store: Store;
  /** A name that no job has. */
  readonly fresh: () => string;
}

const overlap = shapeOf('OVERLAP', 'still going');
const never = (): FireDecision => ({ runs: [], nextFireAt: null, supersede: null, replace: null });
const once = ({ job }: DueJob): FireDecision => ({ ...never(), runs: [sampleRun(job.nextFireAt ?? 0)] });

export function describeRemoval(open: () => Desk): void {
  it('removes a job with all it left, but not while a run is active', async () => {
    const { store, fresh } = open();
    const { id, spec } = await store.jobs.create(sampleJob(fresh()), firesAt(1_000));
    const {
      runs: [run],
    } = await store.jobs.claimDue(1_000, 10, once);
    const runId = run?.id ?? '';
    await store.runs.addLog(runId, [{ at: 1, level: 'info', message: 'hello' }]);
    await expect(store.jobs.remove(id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await store.runs.requestCancel(runId);
    expect(await store.jobs.remove(id)).toBe(1);
    expect(await store.jobs.read(id)).toBeNull();
    expect(await store.jobs.readVersion(id, 1)).toBeNull();
    expect(await store.runs.read(runId)).toBeNull();
    await expect(store.jobs.remove(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await store.jobs.create(spec, firesAt(null));
  });

  it('keeps a job that is being removed from firing, changing and running, and gives it back as it was', async () => {
    const { store, fresh } = open();
    const { id, spec } = await store.jobs.create(sampleJob(fresh()), firesAt(1_000));
    const conflict = { code: 'CONFLICT' };
    await expect(store.jobs.beginRemoval({ id, version: 2 })).rejects.toMatchObject(conflict);
    await store.jobs.beginRemoval({ id, version: 1 });
    await store.jobs.beginRemoval({ id, version: 1 });
    expect(await store.jobs.read(id)).toMatchObject({ deleting: true });
    const change = { id, settle: nextFire(1) };
    await expect(store.jobs.update({ ...change, version: 1, spec })).rejects.toMatchObject(conflict);
    await expect(store.jobs.setPaused({ ...change, paused: true })).rejects.toMatchObject(conflict);
    await expect(store.runs.create(id, sampleRun(5))).rejects.toMatchObject(conflict);
    const claimed: string[] = [];
    await store.jobs.claimDue(1e12, 1_000, ({ job }) => (claimed.push(job.id), never()));
    expect(claimed).not.toContain(id);
    const later = (await store.jobs.databaseNow()) + 60_000;
    expect(await store.jobs.listRemovals(later)).toMatchObject([{ id, decided: false }]);
    expect(await store.jobs.listRemovals(0)).toEqual([]);
    await store.jobs.keep(id);
    expect(await store.jobs.read(id)).toMatchObject({ deleting: false, paused: false, nextFireAt: 1_000 });
    await store.jobs.beginRemoval({ id, version: 1 });
    await store.jobs.remove(id);
  });

  it('removes many runs in turns', async () => {
    const { store, fresh } = open();
    const { id } = await store.jobs.create(sampleJob(fresh()), firesAt(1));
    const runs = Array.from({ length: 450 }, (_, n) => sampleRun(n, { skipped: overlap }));
    await store.jobs.claimDue(1, 1_000, ({ job }) => ({ ...never(), runs: job.id === id ? runs : [] }));
    let turns = 0;
    let next: NodeJS.Immediate;
    const turn = (): void => {
      turns += 1;
      next = setImmediate(turn);
    };
    next = setImmediate(turn);
    expect(await store.jobs.remove(id)).toBe(450);
    clearImmediate(next);
    expect(turns).toBeGreaterThan(1);
    expect(await store.jobs.readHead(id)).toBeNull();
  });
}
