// Limits: what a run takes up, and which of those that wait may start.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fullLimit,
  placesOf,
  startable,
  type LimitInUse,
  type Place,
} from '../../../src/core/planning/limit.ts';
import { sampleJob } from '../../support/sample-job.ts';

const limit = (kind: Place['kind'], name: string, max: number, going = 0): LimitInUse => ({
  kind,
  name,
  max,
  going,
});

describe('what a run takes up', () => {
  it('is each host of its sides once, in small letters, and its labels', () => {
    const hosts = ({ connector }: { connector: string }): readonly string[] =>
      connector === 'MySqlSink' ? ['DB'] : ['zk2', 'ZK1', 'zk2'];
    expect(placesOf(sampleJob('a', { labels: ['Team'] }), hosts)).toEqual([
      { kind: 'source', name: 'zk1' },
      { kind: 'source', name: 'zk2' },
      { kind: 'target', name: 'db' },
      { kind: 'label', name: 'Team' },
    ]);
  });

  it('is the connector where it dials no host', () => {
    expect(placesOf(sampleJob('a'), () => [])).toEqual([
      { kind: 'source', name: 'HBaseSource' },
      { kind: 'target', name: 'MySqlSink' },
    ]);
  });
});

it('tells the limit that is full, of the same kind only', () => {
  const places: Place[] = [
    { kind: 'source', name: 'db' },
    { kind: 'label', name: 'x' },
  ];
  expect(fullLimit(places, [limit('source', 'db', 2, 1), limit('target', 'db', 0)])).toBeNull();
  const full = limit('label', 'x', 1, 2);
  expect(fullLimit(places, [limit('source', 'db', 2, 1), full])).toBe(full);
});

describe('of those that wait', () => {
  const run = (jobId: string, ...names: string[]) => ({ jobId, names });
  const pick = (waiting: readonly ReturnType<typeof run>[], limits: readonly LimitInUse[]): string[] =>
    startable(waiting, ({ names }) => names.map((name): Place => ({ kind: 'label', name })), limits).map(
      ({ jobId }) => jobId,
    );

  it('those start, first come first, for which there are places, and one that is full keeps no other', () => {
    const waiting = [run('a', 'x'), run('b', 'x'), run('c', 'x', 'y'), run('d', 'y'), run('e')];
    expect(pick(waiting, [limit('label', 'x', 3, 1), limit('label', 'y', 1)])).toEqual(['a', 'b', 'd', 'e']);
    expect(pick(waiting, [limit('label', 'x', 0)])).toEqual(['d', 'e']);
  });

  it('two of one job take up one place, for they go one after another', () => {
    expect(pick([run('a', 'x'), run('a', 'x'), run('b', 'x')], [limit('label', 'x', 2)])).toEqual([
      'a',
      'a',
      'b',
    ]);
  });

  it('never more than a limit allows start, and never fewer than could', () => {
    const names = fc.subarray(['x', 'y', 'z']);
    const limits = fc.record({ x: fc.nat(4), y: fc.nat(4), z: fc.nat(4) });
    fc.assert(
      fc.property(fc.array(names, { maxLength: 20 }), limits, (waiting, most) => {
        const runs = waiting.map((each, n) => run(String(n), ...each));
        const started = new Set(
          pick(
            runs,
            Object.entries(most).map(([name, max]) => limit('label', name, max)),
          ),
        );
        const count = (name: string): number =>
          runs.filter(({ jobId, names: of }) => started.has(jobId) && of.includes(name)).length;
        for (const [name, max] of Object.entries(most)) expect(count(name)).toBeLessThanOrEqual(max);
        for (const { jobId, names: of } of runs)
          if (!started.has(jobId))
            expect(of.some((name) => count(name) >= most[name as keyof typeof most])).toBe(true);
      }),
    );
  });
});
