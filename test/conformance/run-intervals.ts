// Data intervals on every store: kept with the row, by its retries too, and listed by the instants that own them.
import { describe, expect, it } from 'vitest';
import type { NewRun, RunStore } from '../../src/core/ports/runs.ts';
import type { Run } from '../../src/core/run.ts';

export interface IntervalBed {
  readonly runs: () => RunStore;
  readonly newJob: () => Promise<string>;
  readonly create: (jobId: string, plannedAt: number, change?: Partial<NewRun>) => Promise<Run>;
}

export function describeIntervals({ runs, newJob, create }: IntervalBed): void {
  describe('an interval', () => {
    const owned = { from: 1_000, to: 2_000 };
    const byHand = { kind: 'manual', idempotencyKey: null } as const;

    it('is kept with its run, and by the retries of it', async () => {
      const jobId = await newJob();
      const run = await create(jobId, 2_000, { interval: owned });
      expect((await runs().read(run.id))?.interval).toEqual(owned);
      await runs().requestCancel(run.id);
      const { run: again } = await runs().retry({ id: run.id, version: 'newest', mode: null });
      expect((await runs().read(again.id))?.interval).toEqual(owned);
      const first = await create(await newJob(), 5_000, { interval: { from: null, to: 5_000 } });
      expect((await runs().read(first.id))?.interval).toEqual({ from: null, to: 5_000 });
      const manual = await create(jobId, 2_001, { trigger: byHand });
      expect((await runs().read(manual.id))?.interval).toBeNull();
    });

    it('is listed by its instant, newest first, with the one before; runs that own none are not', async () => {
      const jobId = await newJob();
      for (const at of [1_000, 2_000, 3_000, 4_000])
        await create(jobId, at, { interval: { from: at - 1_000, to: at } });
      await create(jobId, 3_000, { attempt: 2, interval: { from: 2_000, to: 3_000 } });
      await create(jobId, 2_500, { trigger: byHand });
      await create(await newJob(), 3_000, { interval: owned });
      const list = async (from: number, to: number, limit = 10): Promise<readonly string[]> => {
        const rows = await runs().listPlanned({ jobId, from, to, limit });
        return rows.map(({ plannedAt, attempt }) => `${plannedAt}/${attempt}`);
      };
      expect(await list(2_000, 3_000)).toEqual(['3000/2', '3000/1', '2000/1', '1000/1']);
      expect(await list(0, 9_000, 2)).toEqual(['4000/1', '3000/2']);
      expect(await list(9_000, 9_001)).toEqual(['4000/1']);
    });
  });
}
