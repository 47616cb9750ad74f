// The cron engine: one next fire in UTC and in a zone, over kinds of expressions; and the longest that a search may block.
import { nextFire, type Place } from '../../scheduler/cron/cron.ts';
import { parseCron } from '../../scheduler/cron/parse-cron.ts';
import { findZone, utc } from '../../src/core/time/time-zone.ts';
import type { BenchCase, BenchOptions } from './bench.ts';

const expressions = ['* * * * * ?', '0 0/5 9-17 ? * MON-FRI', '0 0 2 * * ?', '0 30 2 LW * ?', '0 0 0 29 2 ?'];
const start = Date.UTC(2026, 0);
const rounds = 3;

export function benchCron({ rows, say }: BenchOptions): Promise<readonly BenchCase[]> {
  const count = rows ?? 500_000;
  const zone = findZone('America/New_York') ?? utc;
  const limits = [
    { place: { zone: utc, gap: 'run' } as const, limitNs: 1_000 },
    { place: { zone, gap: 'run' } as const, limitNs: 3_000 },
  ];
  const cases = expressions.flatMap((text) =>
    limits.map(({ place, limitNs }): BenchCase => {
      say(`${text} in ${place.zone.name}, ${rounds} × ${count}`);
      const value = medianNs(text, place, count);
      return {
        ...none,
        case: `next of ${text} in ${place.zone.name}`,
        value,
        unit: 'ns CPU',
        ok: value < limitNs,
      };
    }),
  );
  return Promise.resolve([...cases, longestSearch()]);
}

const none = { reference: null, ratio: null, cpuUsPerRow: null };

function medianNs(text: string, place: Place, count: number): number {
  const { cron } = parseCron(text);
  const walk = (): void => {
    let at = start;
    for (let n = 0; n < count; n++) at = nextFire(cron, place, at) ?? start;
  };
  walk();
  const times = Array.from({ length: rounds }, () => {
    return (cpuUsOf(walk) * 1_000) / count;
  });
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
}

/** The machine may be busy with something else, so not the time that passes. */
function cpuUsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** Never again, in a zone that nobody asked before: 28 years of its changes are read. */
function longestSearch(): BenchCase {
  const zone = findZone('Europe/Berlin') ?? utc;
  const { cron } = parseCron('0 30 2 ? 3 1L');
  const found: (number | null)[] = [];
  const value = cpuUsOf(() => found.push(nextFire(cron, { zone, gap: 'skip' }, start))) / 1_000;
  return {
    ...none,
    case: 'longest search, never again',
    value,
    unit: 'ms CPU',
    ok: found[0] === null && value < 20,
  };
}
