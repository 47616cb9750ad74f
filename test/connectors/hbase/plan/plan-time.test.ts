// All steps of a plan share one time, which is over before a run that says nothing counts as not started.
import { expect, it } from 'vitest';
import { planLimitMs, withinPlan } from '../../../../connectors/hbase/plan/plan-time.ts';
import { sampleTable } from '../../../../connectors/hbase/plan/table-sample.ts';
import type { HBaseClient } from '../../../../connectors/hbase/client/client.ts';
import type { RegionLocation } from '../../../../connectors/hbase/client/regions/region-location.ts';
import type { ScanBatch, ScanOptions } from '../../../../connectors/hbase/client/scan/scanner.ts';
import { defaultPolicy } from '../../../../src/core/job.ts';
import { createFakeClock } from '../../../fakes/fake-clock.ts';
import { encodeRow } from '../cell-rows.ts';

const signal = new AbortController().signal;

it('is below the limit within which a run must start', () => {
  expect(planLimitMs).toBeLessThanOrEqual(defaultPolicy.startMs - 15_000);
});

it('ends a step that never ends, and names it', async () => {
  const clock = createFakeClock(0);
  const planning = withinPlan({ clock, signal, table: 't' }, async (time) => {
    time.step('reading the regions');
    await clock.sleep(10_000);
    time.step('comparing clocks');
    return new Promise<never>(() => undefined);
  });
  const failed = expect(planning).rejects.toMatchObject({
    code: 'SOURCE_UNREACHABLE',
    retriable: true,
    message: 'planning the read of t: after 45 s, comparing clocks was not over',
  });
  await clock.advance(planLimitMs);
  await failed;
  expect(clock.sleepers).toBe(0);
});

it('gives each step what the ones before have left, and something for the end', async () => {
  const clock = createFakeClock(0);
  const limits: number[] = [];
  const planning = withinPlan({ clock, signal, table: 't' }, async (time) => {
    for (let step = 0; step < 3; step += 1) {
      limits.push(time.limit(30_000));
      await clock.sleep(limits.at(-1) ?? 0);
    }
    return 'planned';
  });
  await clock.advance(planLimitMs - 1);
  await expect(planning).resolves.toBe('planned');
  expect(limits).toEqual([30_000, 13_000, 0]);
});

it('is over as soon as the run is stopped', async () => {
  const stop = new AbortController();
  const limits = { clock: createFakeClock(0), signal: stop.signal, table: 't' };
  const planning = withinPlan(limits, () => new Promise<never>(() => undefined));
  stop.abort(new Error('cancelled'));
  await expect(planning).rejects.toThrow('cancelled');
});

it('a sample of regions where no living row is found in time is not taken for a whole one', async () => {
  const clock = createFakeClock(0);
  async function* scan({ range, signal: within }: ScanOptions): AsyncGenerator<ScanBatch> {
    if (range.start.length > 0) await clock.sleep(300_000, within);
    const row = encodeRow(Buffer.from('k'), { 'd:n': '1' });
    yield { buffer: row, rowCount: 1, rowStarts: [0, row.length] } as unknown as ScanBatch;
  }
  const regions = ['', 'm'].map(
    (start) =>
      ({ info: { startKey: Buffer.from(start), endKey: Buffer.alloc(0) } }) as unknown as RegionLocation,
  );
  const client = { scan } as unknown as HBaseClient;
  const sampling = sampleTable(client, 't', { regions, retryBudgetMs: 1, limitMs: 15_000, clock, signal });
  await clock.advance(15_000);
  const sample = await sampling;
  expect(sample).toMatchObject({ rows: 1, complete: false });
  expect(sample.regions.map(({ whole }) => whole)).toEqual([true, false]);
});
