// Cutting tables into key ranges: pure, over made-up regions and sizes.
import { describe, expect, it } from 'vitest';
import { earlierCuts } from '../../../../connectors/hbase/plan/earlier-cuts.ts';
import { writeSplit } from '../../../../connectors/hbase/plan/plan-text.ts';
import { planPieces, planRanges } from '../../../../connectors/hbase/plan/splits.ts';
import type { RangePlan, RegionPieces } from '../../../../connectors/hbase/plan/splits.ts';
import type { SourcePlan } from '../../../../src/core/connector/contract.ts';
import type { RegionSample } from '../../../../connectors/hbase/plan/table-sample.ts';

interface MadeRegion {
  readonly start: string;
  readonly stop: string;
  readonly megabytes: number;
  readonly server?: string;
  readonly rows?: number;
}

/** Cut where it should be, at keys of the regions' own. */
function plan(made: readonly MadeRegion[], concurrency = 4): RangePlan {
  const regions = piecesOf(made, concurrency);
  const cuts = new Map(
    regions.map(({ sample, pieces }) => [
      sample.region.info.startKey.toString('hex'),
      Array.from({ length: pieces - 1 }, (_, index) => cutAt(sample.region.info.startKey, index + 1)),
    ]),
  );
  return planRanges(regions, cuts);
}

function cutAt(start: Buffer, cut: number): Buffer {
  return Buffer.from(`${String(start)}${String(cut).padStart(6, '0')}`);
}

function piecesOf(made: readonly MadeRegion[], concurrency = 4): readonly RegionPieces[] {
  const sizes = new Map<string, number>();
  const samples = made.map(({ start, stop, megabytes, server = 'a', rows = 20 }): RegionSample => {
    const name = Buffer.from(`t,${start}`);
    sizes.set(name.toString('hex'), megabytes * 1024 * 1024);
    const [startKey, endKey] = [Buffer.from(start), Buffer.from(stop)];
    const info = { regionId: 1n, table: 't', startKey, endKey, offline: false, split: false, replicaId: 0 };
    const region = { name, info, state: 'OPEN', server: { host: server, port: 1, startCode: 0n } };
    const keys = Array.from({ length: rows }, (_, index) => cutAt(startKey, index));
    return { region, keys, newestTimes: keys.map(() => 0), bytes: rows * 512, whole: rows < 20 };
  });
  const rows = samples.reduce((sum, sample) => sum + sample.keys.length, 0);
  return planPieces({
    sample: { regions: samples, rows, complete: true, columns: new Map() },
    sizes,
    concurrency,
  });
}

function isWhole(plan: RangePlan): boolean {
  const ranges = [...plan.ranges].sort((left, right) => left.start.compare(right.start));
  return (
    ranges.every(({ start }, index) =>
      start.equals(index === 0 ? Buffer.alloc(0) : (ranges[index - 1]?.stop ?? start)),
    ) && ranges.at(-1)?.stop.length === 0
  );
}

describe('planning ranges', () => {
  it('takes a region as it is when it is small', () => {
    const planned = plan([
      { start: '', stop: '5', megabytes: 1 },
      { start: '5', stop: '', megabytes: 1 },
    ]);
    expect(planned.ranges).toHaveLength(2);
    expect(planned.estimatedRows).toBe(4096);
    expect(isWhole(planned)).toBe(true);
  });

  it('cuts large regions into ranges of about 64 MB, and of a quarter of a million rows at most', () => {
    const planned = plan([
      { start: '', stop: '5', megabytes: 1000 },
      { start: '5', stop: '', megabytes: 1 },
    ]);
    expect(planned.estimatedRows).toBe(2_050_048);
    expect(planned.ranges).toHaveLength(17);
    expect(isWhole(planned)).toBe(true);
    // Rows of 512 bytes: 95 MB are one range still, as for its bytes so for its rows.
    expect(piecesOf([{ start: '', stop: '', megabytes: 95 }], 1).map(({ pieces }) => pieces)).toEqual([1]);
    expect(piecesOf([{ start: '', stop: '', megabytes: 97 }], 1).map(({ pieces }) => pieces)).toEqual([2]);
  });

  it('cuts a single region so that all scanners have work, but no range for a handful of rows', () => {
    expect(plan([{ start: '', stop: '', megabytes: 100 }]).ranges).toHaveLength(4);
    expect(plan([{ start: '', stop: '', megabytes: 15 }]).ranges).toHaveLength(2);
    expect(plan([{ start: '', stop: '', megabytes: 1 }]).ranges).toHaveLength(1);
  });

  it('plans no more than some thousands of ranges, however large the table is', () => {
    const made = Array.from({ length: 3_000 }, (_, index) => ({
      start: index === 0 ? '' : String(index).padStart(4, '0'),
      stop: index === 2_999 ? '' : String(index + 1).padStart(4, '0'),
      megabytes: 10_000,
    }));
    expect(plan(made).ranges.length).toBeLessThan(8_200);
  });

  it('takes the servers in turn', () => {
    const planned = plan([
      { start: '', stop: '1', megabytes: 1, server: 'a' },
      { start: '1', stop: '2', megabytes: 1, server: 'a' },
      { start: '2', stop: '3', megabytes: 1, server: 'b' },
      { start: '3', stop: '', megabytes: 1, server: 'a' },
    ]);
    expect(planned.ranges.map(({ server }) => server)).toEqual(['a:1', 'b:1', 'a:1', 'a:1']);
    expect(isWhole(planned)).toBe(true);
  });

  it('knows the rows of regions that were sampled whole', () => {
    expect(plan([{ start: '', stop: '', megabytes: 0, rows: 7 }]).estimatedRows).toBe(7);
    expect(plan([{ start: '', stop: '', megabytes: 0, rows: 0 }]).estimatedRows).toBe(0);
  });
});

describe('cuts of an earlier plan', () => {
  const regions = (megabytes: number) =>
    piecesOf([
      { start: '', stop: '5', megabytes },
      { start: '5', stop: '', megabytes: 1 },
    ]);
  const split = (start: string): string =>
    writeSplit({ range: { start: Buffer.from(start), stop: Buffer.alloc(0) }, way: 'keys' });
  const earlier = (
    starts: readonly string[],
    megabytes: number,
    mode: 'full' | 'incremental' = 'incremental',
  ) => {
    const previous = { splits: starts.map(split) } as unknown as SourcePlan;
    const cuts = earlierCuts(
      { base: '2025-11-25T01:00:00.000Z', mode, lagMs: 0, previous },
      regions(megabytes),
    );
    return cuts && [...cuts.values()].map((keys) => keys.map(String));
  };

  it('are good for an increment, region by region, without their own bounds', () => {
    expect(earlier(['2', '', '5', '7', '1'], 256)).toEqual([['1', '2'], ['7']]);
  });

  it('are not used for a full read, nor when the table has become much larger', () => {
    expect(earlier(['2', '', '5', '7', '1'], 256, 'full')).toBeNull();
    expect(earlier(['2', '', '5', '7', '1'], 1_000)).toBeNull();
    expect(
      earlierCuts({ base: '2025-11-25T01:00:00.000Z', mode: 'incremental', lagMs: 0 }, regions(1)),
    ).toBeNull();
  });
});
