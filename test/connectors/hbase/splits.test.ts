// Cutting tables into key ranges: pure, over made-up regions and sizes.
import { describe, expect, it } from 'vitest';
import { cutRange } from '../../../connectors/hbase/key-cuts.ts';
import { planRanges, readSplitText } from '../../../connectors/hbase/splits.ts';
import type { RangePlan } from '../../../connectors/hbase/splits.ts';
import type { RegionSample } from '../../../connectors/hbase/table-sample.ts';

const keysOf = (...keys: readonly string[]): Buffer[] => keys.map((key) => Buffer.from(key));
const text = (keys: readonly Buffer[]): string[] => keys.map((key) => key.toString('latin1'));

describe('cutting a key range', () => {
  it('cuts decimal keys at equal distances', () => {
    const cuts = cutRange({
      start: Buffer.alloc(0),
      stop: Buffer.alloc(0),
      pieces: 4,
      keys: keysOf('00000000', '00000001', '99999999'),
    });
    expect(text(cuts)).toEqual(['24999999', '49999999', '74999999']);
  });

  it('cuts within the prefix that all keys of the range share', () => {
    const cuts = cutRange({
      start: Buffer.from('order5'),
      stop: Buffer.from('order6'),
      pieces: 2,
      keys: keysOf('order50000'),
    });
    expect(text(cuts)).toEqual(['order55000000']);
  });

  it('keeps to the letters of hexadecimal keys', () => {
    const cuts = cutRange({
      start: Buffer.from('80'),
      stop: Buffer.from('a0'),
      pieces: 4,
      keys: keysOf('8000', '80ff'),
    });
    expect(text(cuts)).toEqual(['88000000', '90000000', '98000000']);
  });

  it('cuts binary keys by bytes', () => {
    const cuts = cutRange({
      start: Buffer.from([0x40]),
      stop: Buffer.from([0x80]),
      pieces: 2,
      keys: [Buffer.from([0x40, 0, 1])],
    });
    expect(cuts.map((cut) => cut.toString('hex'))).toEqual(['6000008000000000']);
  });

  it('never leaves the range, and gives fewer pieces where there is no room', () => {
    for (const [start, stop] of [
      ['a', 'b'],
      ['a', 'a\0'],
      ['zz', ''],
      ['', '0'],
      ['\xff\xff', ''],
    ] as const) {
      const range = { start: Buffer.from(start, 'latin1'), stop: Buffer.from(stop, 'latin1') };
      const cuts = cutRange({ ...range, pieces: 50, keys: [range.start] });
      const all = [range.start, ...cuts];
      for (let i = 1; i < all.length; i += 1) expect(all[i]?.compare(all[i - 1] ?? Buffer.alloc(0))).toBe(1);
      if (stop !== '') expect(all.every((key) => key.compare(range.stop) < 0)).toBe(true);
    }
  });
});

interface MadeRegion {
  readonly start: string;
  readonly stop: string;
  readonly megabytes: number;
  readonly server?: string;
  readonly rows?: number;
}

function plan(regions: readonly MadeRegion[], concurrency = 4): RangePlan {
  const sizes = new Map<string, number>();
  const samples = regions.map(({ start, stop, megabytes, server = 'a', rows = 20 }): RegionSample => {
    const name = Buffer.from(`t,${start}`);
    sizes.set(name.toString('hex'), megabytes * 1024 * 1024);
    const [startKey, endKey] = [Buffer.from(start), Buffer.from(stop)];
    const info = { regionId: 1n, table: 't', startKey, endKey, offline: false, split: false, replicaId: 0 };
    const region = { name, info, state: 'OPEN', server: { host: server, port: 1, startCode: 0n } };
    const keys = Array.from({ length: rows }, (_, index) =>
      Buffer.from(`${start}${String(index).padStart(6, '0')}`),
    );
    return { region, keys, newestTimes: keys.map(() => 0), bytes: rows * 512, whole: rows < 20 };
  });
  const rows = samples.reduce((sum, sample) => sum + sample.keys.length, 0);
  return planRanges({
    sample: { regions: samples, rows, columns: new Map() },
    sizes,
    lastKey: Buffer.from(`${regions.at(-1)?.start ?? ''}999999`),
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

  it('cuts large regions into ranges of at most a quarter of a million rows', () => {
    const planned = plan([
      { start: '', stop: '5', megabytes: 1000 },
      { start: '5', stop: '', megabytes: 1 },
    ]);
    expect(planned.estimatedRows).toBe(2_050_048);
    expect(planned.ranges).toHaveLength(10);
    expect(isWhole(planned)).toBe(true);
  });

  it('cuts a single region so that all scanners have work, but no range for a handful of rows', () => {
    expect(plan([{ start: '', stop: '', megabytes: 100 }]).ranges).toHaveLength(4);
    expect(plan([{ start: '', stop: '', megabytes: 15 }]).ranges).toHaveLength(2);
    expect(plan([{ start: '', stop: '', megabytes: 1 }]).ranges).toHaveLength(1);
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

  it('a stored split that is none of ours is a lost plan', () => {
    expect(() => readSplitText('{')).toThrow(expect.objectContaining({ code: 'PLAN_LOST' }) as Error);
    expect(() => readSplitText('{"start":"00"}')).toThrow(
      expect.objectContaining({ code: 'PLAN_LOST' }) as Error,
    );
  });
});
