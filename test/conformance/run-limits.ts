// Limits and chosen executors on every store: what goes never exceeds one, whoever claims at once; what is over it waits, says so, and comes next.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Limit } from '../../src/core/planning/limit.ts';
import type { Run } from '../../src/core/run.ts';
import type { Store } from '../../src/store/open-store.ts';
import { firesAt, nextFire, sampleJob, sampleRun } from '../support/sample-job.ts';

const leaseMs = 60_000;
const audit = { actor: 'admin', action: 'limit.set', object: 'label x', detail: '' };

/** `open`: two of one database; connectors dial the hosts that their configuration names. */
export function testRunLimits(name: string, open: () => Promise<readonly [Store, Store]>): void {
  describe(`limits on ${name}`, () => {
    let store: Store;
    let other: Store;
    let made = 0;
    beforeAll(async () => {
      [store, other] = await open();
    });
    beforeEach(async () => {
      for (const limit of await store.limits.list()) await store.limits.remove(limit, audit);
    });
    afterAll(async () => {
      await store.close();
      await other.close();
    });

    const set = (kind: Limit['kind'], of: string, max: number): Promise<void> =>
      store.limits.set({ kind, name: of, max }, audit);
    const newJob = async (labels: readonly string[], host = 'db'): Promise<string> => {
      const source = { connector: 'Source', config: { host } };
      const spec = sampleJob(`limited ${(made += 1)}`, { labels, source, schedule: null });
      return (await store.jobs.create(spec, firesAt(null))).id;
    };
    const queued = async (labels: readonly string[], host?: string): Promise<Run> =>
      (await store.runs.create(await newJob(labels, host), sampleRun(1))).run;
    const claim = ({ id }: Run, at = store): Promise<Run | null> =>
      at.runs.claim({ id, owner: 'a', leaseMs });
    const end = ({ id }: Run): Promise<boolean> =>
      store.runs.finish({ id, owner: 'a', state: 'succeeded', reason: null, report: null });
    const going = async (of: string): Promise<number | undefined> =>
      (await store.limits.list()).find((limit) => limit.name === of)?.going;
    const listed = async (runs: readonly Run[]): Promise<string[]> =>
      (await store.runs.listQueued(Date.UTC(2080, 0), 1_000))
        .map(({ id }) => id)
        .filter((id) => runs.some((run) => run.id === id));

    it('are set, changed, listed with what goes, and removed', async () => {
      await set('label', 'x', 3);
      await set('source', 'db', 2);
      await set('label', 'x', 1);
      expect(await store.limits.list()).toEqual([
        { kind: 'label', name: 'x', max: 1, going: 0 },
        { kind: 'source', name: 'db', max: 2, going: 0 },
      ]);
      expect(await store.limits.remove({ kind: 'label', name: 'x' }, audit)).toBe(true);
      expect(await store.limits.remove({ kind: 'label', name: 'x' }, audit)).toBe(false);
      expect(await store.limits.list()).toHaveLength(1);
      const [entry] = await store.jobs.listAudit({ limit: 1, before: null });
      expect(entry).toMatchObject(audit);
    });

    it('say for which executor a run waits that was chosen, and which ones are there', async () => {
      const jobId = await newJob([]);
      const { run } = await store.runs.create(jobId, sampleRun(1, { executor: 'far' }));
      expect((await store.runs.readWaiting([run])).get(run.id)).toEqual({ kind: 'executor', name: 'far' });
      await store.executors.sayHere('near');
      await store.executors.sayHere('far');
      await other.executors.sayHere('near');
      const now = await store.jobs.databaseNow();
      const seen = await store.executors.list();
      expect(seen.map(({ name, here }) => [name, here])).toEqual([
        ['far', true],
        ['near', true],
      ]);
      for (const { seenAt } of seen) expect(now - seenAt).toBeLessThan(60_000);
      await store.runs.requestCancel(run.id);
    });

    it('gives a run for which an executor was chosen to that one only, by its name', async () => {
      const jobId = await newJob([]);
      const { run } = await store.runs.create(jobId, sampleRun(1, { executor: 'far', cluster: 'other' }));
      expect(await store.runs.read(run.id)).toMatchObject({ executor: 'far', cluster: 'other' });
      const listed = async (executor?: string): Promise<boolean> =>
        (await store.runs.listQueued(Date.UTC(2080, 0), 1_000, executor)).some(({ id }) => id === run.id);
      expect(await listed()).toBe(true);
      expect(await listed('near')).toBe(false);
      expect(await store.runs.claim({ id: run.id, owner: 'a', leaseMs })).toBeNull();
      expect(await store.runs.claim({ id: run.id, owner: 'a', executor: 'near', leaseMs })).toBeNull();
      expect(await listed('far')).toBe(true);
      const claimed = await store.runs.claim({ id: run.id, owner: 'a', executor: 'far', leaseMs });
      expect(claimed).toMatchObject({ state: 'starting', executor: 'far' });
      const any = await queued([]);
      expect(any).toMatchObject({ executor: null, cluster: null });
      expect(await store.runs.claim({ id: any.id, owner: 'a', executor: 'near', leaseMs })).not.toBeNull();
      await end(run);
      await end(any);
    });

    it('hold runs of several jobs that share a source, a target or a label', async () => {
      for (const [kind, of] of [
        ['source', 'shared'],
        ['target', 'MySqlSink'],
        ['label', 'team'],
      ] as const) {
        await set(kind, of, 1);
        const [first, second] = [await queued(['team'], 'shared'), await queued(['team'], 'shared')];
        expect(await claim(first)).toMatchObject({ state: 'starting' });
        expect(await claim(second)).toBeNull();
        expect(await going(of)).toBe(1);
        await end(first);
        expect(await claim(second)).toMatchObject({ state: 'starting' });
        await end(second);
        await store.limits.remove({ kind, name: of }, audit);
      }
    });

    it('let no more start than they say, whoever claims at once', async () => {
      await set('label', 'crowd', 3);
      const runs = await Promise.all(Array.from({ length: 12 }, () => queued(['crowd'])));
      const claims = await Promise.all(runs.map((run, n) => claim(run, n % 2 === 0 ? store : other)));
      expect(claims.filter((run) => run !== null).length).toBeLessThanOrEqual(3);
      // Of two that meet at the last place one may have been sent away for the other.
      for (const run of await store.runs.listQueued(Date.UTC(2080, 0), 1_000)) await claim(run);
      expect(await going('crowd')).toBe(3);
      await Promise.all(runs.map(end));
    });

    it('leave what waits for them queued, say so, and keep nobody else waiting', async () => {
      await set('label', 'full', 1);
      const [first, second, third] = [await queued(['full']), await queued(['full']), await queued([])];
      expect(await listed([first, second, third])).toEqual([first.id, third.id]);
      await claim(first);
      expect(await listed([second, third])).toEqual([third.id]);
      const limit = { kind: 'label', name: 'full', max: 1, going: 1 };
      const waiting = await store.runs.readWaiting([first, second, third].map((run) => ({ ...run })));
      expect(waiting.get(second.id)).toEqual({ kind: 'limit', limit });
      expect(waiting.get(third.id)).toEqual({ kind: 'executor', name: null });
      expect(await store.runs.read(second.id)).toMatchObject({ state: 'queued', reason: null });
      await end(first);
      expect((await store.runs.readWaiting([second])).get(second.id)).toEqual({
        kind: 'executor',
        name: null,
      });
    });

    it('tell what an end lets start: the next of the job, and as many of the others as there are places', async () => {
      await set('label', 'next', 2);
      const [a, b, c, d] = [
        await queued(['next']),
        await queued(['next']),
        await queued(['next']),
        await queued(['next']),
      ];
      const unrelated = await queued([]);
      await claim(a);
      await claim(b);
      const { run: again } = await store.runs.create(a.jobId, sampleRun(2, { priority: -1 }));
      const freed = async (): Promise<string[]> =>
        (await store.runs.listFreed(a, Date.UTC(2080, 0))).map(({ id }) => id);
      expect(await freed()).toEqual([]);
      await end(a);
      expect(await freed()).toEqual([c.id]);
      await claim(c);
      await end(b);
      await end(c);
      expect(await freed()).toEqual([d.id, again.id]);
      expect(await freed()).not.toContain(unrelated.id);
    });

    it('count a run from its claim to its end, whoever holds it, by the version that it runs', async () => {
      await set('label', 'held', 1);
      const first = await queued(['held']);
      const second = await queued(['held']);
      await store.runs.claim({ id: first.id, owner: 'killed', leaseMs: -1 });
      expect(await claim(second)).toBeNull();
      const spec = sampleJob(`limited ${(made += 1)}`, { labels: [], schedule: null });
      await store.jobs.update({ id: first.jobId, version: 1, spec, settle: nextFire(null) });
      expect(await claim(second)).toBeNull();
      expect(await store.runs.takeOver({ id: first.id, owner: 'a', leaseMs })).not.toBeNull();
      expect(await claim(second)).toBeNull();
      await end(first);
      expect(await claim(second)).not.toBeNull();
      await end(second);
    });

    it('of none let none start, and lowered end nothing', async () => {
      const [first, second] = [await queued(['drain']), await queued(['drain'])];
      await claim(first);
      await set('label', 'drain', 0);
      expect(await going('drain')).toBe(1);
      expect(await claim(second)).toBeNull();
      await end(first);
      expect(await listed([second])).toEqual([]);
      await set('label', 'drain', 1);
      expect(await claim(second)).not.toBeNull();
      await end(second);
    });

    it('go with their jobs: a removed one takes up nothing', async () => {
      const run = await queued(['gone'], 'gone-host');
      const places = async (): Promise<readonly unknown[]> => store.limits.listPlaces(1_000);
      expect(await places()).toContainEqual({ kind: 'source', name: 'gone-host' });
      await store.runs.requestCancel(run.id);
      await store.jobs.remove(run.jobId);
      expect(await places()).not.toContainEqual({ kind: 'source', name: 'gone-host' });
    });
  });
}

/** As the test's connectors name their hosts. */
export const hostsInConfig = ({ config }: { config: Readonly<Record<string, string>> }): readonly string[] =>
  config['host'] === undefined ? [] : [config['host']];
